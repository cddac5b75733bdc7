namespace OrleansChat.Bench.Accuracy;

/// <summary>A caller has died: nobody hears of it.</summary>
internal sealed class CallerDiedException : Exception;
