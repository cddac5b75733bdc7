namespace OrleansChat.Core.Sessions.Paging;

/// <summary>A stored page of a paged log.</summary>
/// <typeparam name="T">The items' type.</typeparam>
public sealed class LogPage<T>
{
    /// <summary>The items. Those behind the log's end were written by a host that died, and count for nothing.</summary>
    public List<T> Items { get; set; } = [];
}
