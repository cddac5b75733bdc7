using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Health;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings.Live;
using OrleansChat.Core.Settings.Reading;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Costs;

namespace OrleansChat.GatewayApi.Tests.Settings.Reloads;

/// <summary>A gateway over a settings file that is watched, and two upstreams that answer when they are told to. Time stands still.</summary>
internal sealed partial class ReloadWorld : IAsyncDisposable
{
    private static readonly RateLimits Any = new() { RequestsPerMinute = 1_000_000, MaxConcurrent = 1_000_000 };

    private readonly string _folder = Directory.CreateTempSubdirectory("orleanschat-reloads-").FullName;
    private readonly Dictionary<string, ScriptedUpstream> _upstreams = [];
    private readonly ConcurrentDictionary<int, string> _asked = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _held = new();
    private readonly FakeClock _clock = new();
    private GatewayHost _host = null!;

    /// <summary>Where the upstreams are.</summary>
    public Dictionary<string, string> Addresses { get; } = [];

    private IActorDirectory Actors => _host.Services.GetRequiredService<IActorDirectory>();

    /// <summary>Starts one.</summary>
    public static async Task<ReloadWorld> StartAsync(DrawnSettings settings)
    {
        var world = new ReloadWorld();
        foreach (var id in DrawnSettings.UpstreamIds)
        {
            var upstream = world._upstreams[id] = await ScriptedUpstream.StartAsync();
            upstream.ForgetsRequests = true;
            upstream.Fallback = request => Reply.Custom((context, _) => world.AnswerAsync(id, request, context));
            world.Addresses[id] = upstream.BaseUrl;
        }

        world.Write(FileFaults.File(settings.ToJson(world.Addresses)));
        var places = new SettingsPlaces { WorkingDirectory = world._folder, HomeDirectory = "", SystemDirectory = world._folder };
        var options = OrleansChatSettings.Load(places);
        world._host = await GatewayHost.StartAsync(options, services => services.AddSingleton<TimeProvider>(world._clock).AddSingleton<SettingsWatch>(provider =>
            new SettingsWatch(places, provider.GetRequiredService<LiveSettings>(), new FakeClock(), NullLogger<SettingsWatch>.Instance)).AddLiveSettings(options, places));
        return world;
    }

    /// <summary>Puts a file in the other's place, and has it looked at.</summary>
    /// <returns>What health says of settings then.</returns>
    public async Task<HealthFinding> ReplaceAsync(string file)
    {
        Write(file);
        var watch = _host.Services.GetRequiredService<SettingsWatch>();
        watch.Look();
        return await watch.CheckAsync(default);
    }

    /// <summary>Asks for an answer, which the upstream keeps until <see cref="Release"/>.</summary>
    public async Task<(int Status, string Body)> AskAsync(int number, string key, string model)
    {
        _held[number] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var body = new { model, stream = number % 2 == 0, max_tokens = 64, messages = new[] { new { role = "user", content = $"Call {number}." } } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(body) };
        request.Headers.Add("x-api-key", DrawnSettings.SecretOf(key));
        using var response = await _host.Client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The upstream that has a call.</summary>
    public string? AskedOf(int number) => _asked.GetValueOrDefault(number);

    /// <summary>Lets an upstream answer.</summary>
    public void Release(int number) => _held[number].SetResult();

    public async Task<JsonElement> GetAsync(string path, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "x-api-key", DrawnSettings.SecretOf(key) } } };
        using var response = await _host.Client.SendAsync(request);
        return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<JsonElement>() : default;
    }

    /// <summary>Calls that a scope counts as under way, whether it has limits now or not.</summary>
    public async Task<long> InUseAsync(string scope) => (await Actors.RateLimiter(scope).DescribeAsync(Any, default)).Concurrent!.InUse;

    /// <summary>Calls of the last minute that a scope has counted.</summary>
    public async Task<long> CountedAsync(string scope)
    {
        var status = (await Actors.RateLimiter(scope).DescribeAsync(Any, default)).RequestsPerMinute!;
        return status.Limit - status.Remaining;
    }

    /// <summary>What a scope has spent and holds, in nano-dollars.</summary>
    public async Task<(long Spent, long Reserved)> MoneyAsync(string scope)
    {
        var status = await Actors.CostTracker(scope).DescribeAsync(null, default);
        return (status.SpentNanoUsd, status.ReservedNanoUsd);
    }

    /// <summary>A scope's ledger.</summary>
    public async Task<List<LedgerEntry>> LedgerAsync(string scope)
    {
        return await Actors.CostTracker(scope).ReadLedgerAsync();
    }

    /// <summary>Lets a moment pass, in which what waits for company is written.</summary>
    public void Pass() => _clock.Advance(TimeSpan.FromMilliseconds(8));

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        foreach (var upstream in _upstreams.Values)
            await upstream.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void Write(string file) => File.WriteAllText(Path.Combine(_folder, "orleanschat.json"), file);

    private async Task AnswerAsync(string upstream, RecordedRequest request, HttpContext context)
    {
        var number = int.Parse(Numbered().Match(request.Text).Groups[1].Value, CultureInfo.InvariantCulture);
        var call = new ReloadCall(number, "", false, "", upstream, [], new HashSet<string>(), 0);
        var usage = new { prompt_tokens = call.InputTokens, completion_tokens = call.OutputTokens, total_tokens = call.InputTokens + call.OutputTokens };
        if (!call.IsStream)
        {
            _asked[number] = upstream;
            await _held[number].Task;
            var whole = new[] { new { index = 0, message = new { role = "assistant", content = call.Answer }, finish_reason = "stop" } };
            await context.Response.WriteAsJsonAsync(new { id = $"c{number}", @object = "chat.completion", created = 1, model = "m", choices = whole, usage });
            return;
        }

        context.Response.ContentType = "text/event-stream";
        await SendAsync(new { role = "assistant", content = "The " }, null, null);
        _asked[number] = upstream;
        await _held[number].Task;
        await SendAsync(new { content = call.Answer }, "stop", null);
        await SendAsync(null, null, usage);
        await context.Response.WriteAsync("data: [DONE]\n\n");

        async Task SendAsync(object? delta, string? finish, object? counted)
        {
            object[] choices = delta is null ? [] : [new { index = 0, delta, finish_reason = finish }];
            var chunk = JsonSerializer.Serialize(new { id = $"c{number}", @object = "chat.completion.chunk", created = 1, model = "m", choices, usage = counted });
            await context.Response.WriteAsync($"data: {chunk}\n\n");
            await context.Response.Body.FlushAsync();
        }
    }

    [GeneratedRegex(@"Call (\d+)\.")]
    private static partial Regex Numbered();
}
