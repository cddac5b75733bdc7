namespace OrleansChat.Core.Routing;

/// <summary>Marks an open call whose answer comes in pieces, of which the first is there.</summary>
public interface IStreamedAnswer;
