using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Settings.Reading;
using OrleansChat.GatewayApi.Hosting;
using OrleansChat.Standalone.Hosting;
using OrleansChat.Standalone.Journal;
using OpenJournal = OrleansChat.Standalone.Journal.Journal;

namespace OrleansChat.Bench.Day;

/// <summary>The executable in all but its clock, which a run moves on, and its journal, which a run compacts before it looks at its size.</summary>
internal static class DayServer
{
    /// <summary>Posted to when a day's turns are done: what compaction can give back is given back.</summary>
    public const string Compact = "/day/compact";

    /// <summary>Posted to when it is to be the same time of the next day.</summary>
    public const string Next = "/day/next";

    public static async Task<int> RunAsync(string[] settings)
    {
        var options = OrleansChatSettings.Load(SettingsPlaces.OfThisProcess(settings));
        var clock = new DayClock();
        await using var journal = await OpenJournal.OpenAsync(
            new JournalOptions { DataDirectory = Path.GetFullPath(options.DataDirectory) }, TimeProvider.System, NullLogger<OpenJournal>.Instance, CancellationToken.None);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseOrleansChatKestrel(options);
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddStandalone(options, journal);
        await using var application = builder.Build();
        application.MapOrleansChat();
        application.MapPost(Compact, journal.CompactAsync);
        application.MapPost(Next, () => clock.Advance(TimeSpan.FromDays(1)));
        await application.StartAsync();
        Console.WriteLine($"listening on {application.Urls.Single()}");
        await application.WaitForShutdownAsync();
        return 0;
    }
}
