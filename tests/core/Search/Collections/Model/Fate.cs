using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Tests.Search.Collections.Model;

/// <summary>What is to become of a host at one of its next writes: it dies, or the write fails; before the write took effect, or after it, unheard.</summary>
internal sealed class Fate
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _writesLeft = int.MaxValue;
    private bool _written;
    private bool _dies;

    /// <summary>Completes when the host dies.</summary>
    public Task Dead => _dead.Task;

    /// <summary>Whether the host has died: nothing that it writes from now on happens.</summary>
    public bool IsDead => _dead.Task.IsCompleted;

    /// <summary>Lets the host die at one of its next writes.</summary>
    /// <param name="write">The write, counted from 1.</param>
    /// <param name="written">Whether the write takes effect.</param>
    public void DieAt(int write, bool written) => Set(write, written, dies: true);

    /// <summary>Lets one of the next writes fail.</summary>
    /// <param name="write">The write, counted from 1.</param>
    /// <param name="written">Whether it takes effect all the same, where that may be.</param>
    public void FailAt(int write, bool written) => Set(write, written, dies: false);

    /// <summary>Lets the host die now.</summary>
    public void Die() => _dead.TrySetResult();

    /// <summary>Lets the host live.</summary>
    public void Spare() => Set(int.MaxValue, written: false, dies: false);

    /// <summary>Counts a write before it takes effect.</summary>
    /// <param name="mayFailAfter">Whether a write that failed may have taken effect.</param>
    /// <exception cref="StorageException">It is to fail.</exception>
    public void BeforeWrite(bool mayFailAfter)
    {
        lock (_gate)
        {
            if (!_written || (!_dies && !mayFailAfter))
                Count();
        }
    }

    /// <summary>Counts a write that took effect.</summary>
    /// <param name="mayFailAfter">Whether a write that failed may have taken effect.</param>
    /// <exception cref="StorageException">It is to fail.</exception>
    public void AfterWrite(bool mayFailAfter)
    {
        lock (_gate)
        {
            if (_written && (_dies || mayFailAfter))
                Count();
        }
    }

    private void Set(int write, bool written, bool dies)
    {
        lock (_gate)
            (_writesLeft, _written, _dies) = (write, written, dies);
    }

    private void Count()
    {
        if (_writesLeft == int.MaxValue || --_writesLeft != 0)
            return;

        _writesLeft = int.MaxValue;
        if (!_dies)
            throw new StorageException("The write failed.");

        Die();
    }
}
