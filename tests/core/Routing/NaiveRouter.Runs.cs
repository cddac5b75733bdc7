using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Tests.Routing;

/// <summary>What is known of a request and its calls.</summary>
internal sealed partial class NaiveRouter
{
    private sealed class Run(ScriptedRequest request)
    {
        public ScriptedRequest Request => request;

        public List<UpstreamTarget> Untried { get; } = [.. request.Order];

        public List<Saying> Said { get; } = [];

        public int Asked { get; set; }

        public string? AdmittedBy { get; set; }

        public Lane First { get; set; } = null!;

        public Lane? Second { get; set; }

        /// <summary>What ends it as soon as the second call has ended.</summary>
        public Exception? Fault { get; set; }

        /// <summary>Whether its caller has left.</summary>
        public bool IsLeft { get; set; }

        public bool IsOver { get; set; }
    }

    private sealed class Lane(Run run, string id)
    {
        public Run Run => run;

        public string Id => id;

        /// <summary>The upstreams whose limits have let it pass and have nothing back.</summary>
        public HashSet<string> Passed { get; } = [];

        public Call? Call { get; set; }

        public Call? Opened { get; set; }

        public Exception? Fault { get; set; }

        public bool IsPromptSent { get; set; }

        public bool IsStopped { get; set; }

        public bool IsOver { get; set; }
    }

    private sealed class Call(UpstreamTarget target, string id)
    {
        public UpstreamTarget Target => target;

        public string Id => id;

        public bool IsProbe { get; set; }

        public NaivePlaces.Wait? Wait { get; set; }

        public bool IsOver { get; set; }
    }

    private sealed record Saying(UpstreamTarget Target, string Code, string Detail, double? Seconds)
    {
        public bool IsSlow { get; init; }
    }
}
