using OrleansChat.Core.Errors;

namespace OrleansChat.GatewayApi.Answers;

/// <summary>Marks a request whose answer its upstream began as a success and ended with an error: it is not given to anybody else. A feature of the request.</summary>
/// <param name="Problem">What those are told who come too late for its bytes.</param>
internal sealed record BrokenAnswer(Problem Problem);
