namespace OrleansChat.Bench.Accuracy;

/// <summary>How large a run is.</summary>
/// <param name="Gateways">Gateways over the same actors.</param>
/// <param name="Callers">Callers at the same time, at most.</param>
/// <param name="Keys">Keys that they share.</param>
internal sealed record AccuracySize(int Gateways, int Callers, int Keys);
