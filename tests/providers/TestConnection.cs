using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Keys;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.OpenAI;
using OrleansChat.Providers.Resilience;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests;

/// <summary>Connections to a scripted upstream, and the patience of tests.</summary>
internal static class TestConnection
{
    public const string UpstreamId = "scripted";

    public static readonly UpstreamRetryOptions NoRetries = new() { MaxRetries = 0 };

    /// <summary>A real-time bound on every wait of a test, far beyond what a healthy run takes.</summary>
    public static CancellationToken Patience() => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    public static UpstreamConnection To(
        ScriptedUpstream upstream, TimeProvider? time = null, UpstreamRetryOptions? retries = null, UpstreamTimeouts? timeouts = null, string? key = null)
        => To(new Uri(upstream.BaseUrl), time, retries, timeouts, key);

    public static UpstreamConnection To(
        Uri address, TimeProvider? time = null, UpstreamRetryOptions? retries = null, UpstreamTimeouts? timeouts = null, string? key = null)
    {
        time ??= TimeProvider.System;
        var endpoint = new UpstreamEndpoint
        {
            Id = UpstreamId,
            BaseUrl = address,
            ApiKey = key is null ? null : Secret.From(key, time),
            Retries = retries ?? NoRetries,
            Timeouts = timeouts ?? new UpstreamTimeouts(),
        };
        return new UpstreamConnection(endpoint, time, NullLogger<UpstreamConnection>.Instance);
    }

    public static OpenAIChatClient Chat(UpstreamConnection connection) => new(connection, "scripted-model");

    public static IAsyncEnumerable<ChatResponseUpdate> Ask(UpstreamConnection connection, CancellationToken cancellationToken)
        => Chat(connection).GetStreamingResponseAsync("Hello", cancellationToken: cancellationToken);

    /// <summary>Waits until something becomes true elsewhere, without sleeping.</summary>
    public static async Task UntilAsync(Func<bool> isTrue)
    {
        var patience = Patience();
        while (!isTrue())
        {
            patience.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
