using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Contract.Tests.Sessions;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.Standalone.Actors;
using OrleansChat.Standalone.Hosting;
using OrleansChat.Standalone.Journal;
using OrleansChat.Testing.Chat;

namespace OrleansChat.Contract.Tests.Local;

/// <summary>The actors in this process over a journal in a temporary folder.</summary>
public sealed class LocalSessionHost : ISessionHost, ISessionHostFactory
{
    private static readonly OrleansChatOptions Options = new()
    {
        Upstreams = [new UpstreamOptions { Id = "scripted", Kind = UpstreamKind.OpenAI, BaseUrl = "http://127.0.0.1:9" }],
        Models =
        [
            new ModelOptions { Id = ModelOptions.DefaultId, Route = ["scripted/m"] },
            new ModelOptions { Id = "priced", Route = ["scripted/m"], InputUsdPerMillion = 1, OutputUsdPerMillion = 1 },
            new ModelOptions { Id = "hedged", Route = ["scripted/m", "scripted/n"], InputUsdPerMillion = 1, OutputUsdPerMillion = 1, HedgeAfter = TimeSpan.FromMilliseconds(20) },
        ],
        Sessions = new SessionOptions { Search = true },
    };

    private readonly AheadClock _clock = new();
    private readonly List<string> _folders = [];
    private readonly List<Instance> _dead = [];
    private Instance? _current;

    private LocalSessionHost()
    {
    }

    public IActorDirectory Actors => _current!.Actors;

    public ScriptedChatClient Upstream { get; private set; } = new();

    public static async Task<ISessionHost> StartAsync()
    {
        var host = new LocalSessionHost();
        await host.StartAsync(host.NewFolder());
        return host;
    }

    public void Pass(TimeSpan time) => _clock.Ahead += time;

    public async Task RestartAsync(TimeSpan patience)
    {
        var folder = _current!.Folder;
        await _current.StopAsync(patience);
        await StartAsync(folder);
    }

    public async Task CrashAsync()
    {
        // A copy of the files is what a power cut would have left; the old process lives on without anybody to listen.
        var folder = NewFolder();
        var files = Directory.GetFiles(_current!.Folder, "*", SearchOption.AllDirectories);
        foreach (var file in files.Where(file => Path.GetExtension(file) != ".lock"))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(_current.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            await using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await using var target = File.Create(copy);
            await source.CopyToAsync(target);
        }

        _dead.Add(_current);
        await StartAsync(folder);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _dead.Append(_current!))
            await instance.StopAsync(TimeSpan.Zero);

        foreach (var folder in _folders)
            Directory.Delete(folder, recursive: true);
    }

    private string NewFolder()
    {
        var folder = Directory.CreateTempSubdirectory("orleanschat-contract-").FullName;
        _folders.Add(folder);
        return folder;
    }

    private async Task StartAsync(string folder)
    {
        Upstream = new ScriptedChatClient();
        var journal = await Journal.OpenAsync(
            new JournalOptions { DataDirectory = folder }, TimeProvider.System, NullLogger<Journal>.Instance, CancellationToken.None);
        var services = new ServiceCollection().AddStandalone(Options, journal);
        services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_clock));
        services.Replace(ServiceDescriptor.Singleton<IUpstreams>(new OneUpstream(Upstream)));
        services.Replace(ServiceDescriptor.Singleton<IRetriever>(new NoSources()));
        var provider = services.BuildServiceProvider();
        _current = new Instance(folder, journal, provider, provider.GetRequiredService<LocalActorDirectory>());
        await provider.GetRequiredService<OpenTurnRecovery>().RunAsync(CancellationToken.None);
    }

    private sealed record Instance(string Folder, Journal Journal, ServiceProvider Services, LocalActorDirectory Actors)
    {
        public async Task StopAsync(TimeSpan patience)
        {
            using var stop = new CancellationTokenSource(patience);
            await Actors.StopAsync(stop.Token);
            await Services.DisposeAsync();
            await Journal.DisposeAsync();
        }
    }
}
