using System.Text.Json;

namespace OrleansChat.Standalone.Tests.Upgrades;

/// <summary>What a server has answered about all that it keeps.</summary>
/// <param name="Secret">The secret of a key that was made at run time.</param>
/// <param name="Session">The session with a turn under way.</param>
/// <param name="UnderWay">That turn.</param>
/// <param name="Questions">The questions; that session's own are the first.</param>
internal sealed record KeptAnswers(string Secret, string Session, string UnderWay, IReadOnlyList<KeptQuestion> Questions);

/// <summary>A question and its answer.</summary>
/// <param name="Path">The path.</param>
/// <param name="Body">What is posted; null for a GET.</param>
/// <param name="Secret">The key that asks; null for none.</param>
/// <param name="Answer">The body of the answer.</param>
internal sealed record KeptQuestion(string Path, string? Body, string? Secret, JsonElement Answer);
