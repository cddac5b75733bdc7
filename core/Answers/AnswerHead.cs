namespace OrleansChat.Core.Answers;

/// <summary>How an HTTP answer begins, as far as it is repeated.</summary>
/// <param name="Status">Its status.</param>
/// <param name="ContentType">Its content type; null for none.</param>
public sealed record AnswerHead(int Status, string? ContentType);
