using System.Globalization;
using OrleansChat.Bench.Accuracy;
using OrleansChat.Bench.Actors;
using OrleansChat.Bench.Admission;
using OrleansChat.Bench.Day;
using OrleansChat.Bench.Journal;
using OrleansChat.Bench.Overhead;
using OrleansChat.Bench.Overload;
using OrleansChat.Bench.Search;
using OrleansChat.Bench.Sessions;
using OrleansChat.Bench.Soak;
using OrleansChat.Bench.Sockets;
using OrleansChat.Bench.Streams;
using OrleansChat.Bench.Telemetry;

return args switch
{
    ["accuracy", .. var rest] => await AccuracyBenchmark.RunAsync(rest, AccuracyProcess.StartAsync),
    ["actors"] => await ActorCallBenchmark.RunAsync(),
    ["admission"] => await AdmissionBenchmark.RunAsync(),
    ["find-code", .. var rest] => await FindCode.RunAsync(rest),
    ["health", .. var rest] => await HealthBenchmark.RunAsync(rest),
    ["journal", .. var rest] => await JournalBenchmark.RunAsync(rest),
    ["overhead", .. var rest] => await OverheadBenchmark.RunAsync(rest),
    ["overhead-upstream"] => await InstantUpstream.RunAsync(),
    ["overhead-forwarder", var upstream] => await BareForwarder.RunAsync(upstream),
    ["overload-upstream", var places, var milliseconds] => await PlacedUpstream.RunAsync(places, milliseconds),
    ["overload", .. var rest] => await OverloadBenchmark.RunAsync(rest),
    ["search-quality", .. var rest] => await SearchQuality.RunAsync(rest),
    ["search-latency", .. var rest] => await SearchLatency.RunAsync(rest),
    ["search-load", .. var rest] => await SearchLoad.RunAsync(rest),
    ["search-scale", .. var rest] => await SearchScale.RunAsync(rest),
    ["search-scale-serve", .. var rest] => await SearchScaleServer.RunAsync(rest),
    ["session-lists", .. var rest] => await SessionListBenchmark.RunAsync(rest),
    ["soak", .. var rest] => await SoakBenchmark.RunAsync(rest),
    ["sockets", .. var rest] => await SocketBenchmark.RunAsync(rest),
    ["sockets-server", var rate, var tokens] => await SocketServer.RunAsync(rate, tokens),
    ["streams", .. var rest] => await SilentStreams.RunAsync(rest),
    ["day", .. var rest] => await DayBenchmark.RunAsync(rest),
    ["day-server", .. var settings] => await DayServer.RunAsync(settings),
    ["telemetry", .. var rest] => await TelemetryCost.RunAsync(rest),
    ["telemetry-collector"] => await TelemetryCost.CollectAsync(),
    ["telemetry-server", var upstream] => await TelemetryServer.RunAsync(upstream, null),
    ["telemetry-server", var upstream, var collector] => await TelemetryServer.RunAsync(upstream, collector),
    ["telemetry-server", var upstream, var collector, var most] => await TelemetryServer.RunAsync(upstream, collector, int.Parse(most, CultureInfo.InvariantCulture)),
    ["turn-overhead", .. var rest] => await TurnOverhead.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Usage: dotnet run -c Release --project bench -- BENCHMARK
          accuracy [--seed N] [--minutes N]   limits, budgets and ledgers under bursts, deaths, kills and clock jumps
          actors                              a call to a warm local actor
          admission                           admission through every scope, and durable settlements
          find-code [FOLDER] [--names N]      functions of a source tree, asked for by their names
          journal [FOLDER]                    durable saves and reopening
          overhead [--rounds N] [--seconds N] [--connections N] [--warm-up N] [--stream]
                                              /v1/chat/completions with everything on, beside a bare forwarder
          health [--seconds N]
          overload [--seconds N] [--factor N] [--upstream-places N --upstream-latency MS] [--set Gateway:MaxSlowdown=1.5 ...]
                                              four times what the executable or its upstream sustains, and /health beside it
          search-quality [--data FOLDER] [--embeddings URL --model NAME [--keep FILE]]
                                              ranking figures on the test collections, of the built-in model or of one behind a URL
          search-latency [--passages N]       query times and memory of the index in memory
          search-load [--passages N]          indexing with the built-in embedder, and a cold start
          search-scale [--passages N] [--per-document N] [--queries N]
                                              a million passages: cold start, memory, query times, recall beside exact search
          session-lists [--count N]           pages of a list of many sessions, and of a chat of many messages
          soak [--disconnects N] [--minutes N] [--chats N] [--connections-per-second N] [--seed N]
                                              transcripts over connections that break off at random
          sockets [--count N] [--rate N] [--seconds N]
                                              tokens to many chats at a time over sockets
          streams [--count N] [--turns N]     memory of silent event streams against the executable
          day [--turns N]                     a day's turns, and what the process holds after each part
          telemetry [--pairs N]               throughput with all telemetry on against none, with traces as by default and with all
          turn-overhead [FOLDER]              what a turn costs beside its upstream
        """);
    return 2;
}
