using Microsoft.Win32.SafeHandles;
using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Tests.Journals;

/// <summary>The real file system with a script between its steps: observe, hold, fail, or tear a write.</summary>
internal sealed class ScriptedFiles : IJournalFiles
{
    private readonly DiskFiles _disk = new();

    /// <summary>Called before every step; what it throws is the step's failure.</summary>
    public Action<FileStep> Before { get; set; } = static _ => { };

    /// <summary>Called after every step was done; what it throws is its failure all the same, as when the answer of a disk is lost.</summary>
    public Action<FileStep> After { get; set; } = static _ => { };

    /// <summary>How many bytes of the next write arrive before it fails; null for all, without failure.</summary>
    public int? TearNextWriteAt { get; set; }

    /// <summary>Makes every step of a kind fail from now on.</summary>
    public void Fail(params FileStep[] steps) => Before = step =>
    {
        if (steps.Contains(step))
            throw new IOException($"No space left on device ({step}).");
    };

    /// <summary>Stops the next step of a kind until released.</summary>
    public Gate HoldNext(FileStep step)
    {
        var gate = new Gate();
        var held = 0;
        Before = next =>
        {
            if (next == step && Interlocked.Exchange(ref held, 1) == 0)
                gate.Pass();
        };
        return gate;
    }

    public void CreateFolder(string folder) => Do(FileStep.CreateFolder, () => _disk.CreateFolder(folder));

    public SafeFileHandle Create(string path)
    {
        Before(FileStep.Create);
        var file = _disk.Create(path);
        try
        {
            After(FileStep.Create);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public SafeFileHandle Open(string path, bool writable)
    {
        Before(FileStep.Open);
        return _disk.Open(path, writable);
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        Before(FileStep.Write);
        if (TearNextWriteAt is { } torn)
        {
            TearNextWriteAt = null;
            _disk.Write(file, bytes[..Math.Min(torn, bytes.Length)], offset);
            throw new IOException("No space left on device.");
        }

        _disk.Write(file, bytes, offset);
        After(FileStep.Write);
    }

    public void Flush(SafeFileHandle file) => Do(FileStep.Flush, () => _disk.Flush(file));

    public void Truncate(SafeFileHandle file, long length) => Do(FileStep.Truncate, () => _disk.Truncate(file, length));

    public void Move(string from, string to) => Do(FileStep.Move, () => _disk.Move(from, to));

    public void Delete(string path) => Do(FileStep.Delete, () => _disk.Delete(path));

    public void FlushFolder(string folder) => Do(FileStep.FlushFolder, () => _disk.FlushFolder(folder));

    private void Do(FileStep step, Action action)
    {
        Before(step);
        action();
        After(step);
    }

    internal sealed class Gate : IDisposable
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _open = new();

        public Task Reached => _reached.Task;

        public void Release() => _open.Set();

        public void Pass()
        {
            _reached.SetResult();
            _open.Wait();
        }

        // The journal's thread may still be about to leave the wait, so the event is opened and left to the collector.
        public void Dispose() => _open.Set();
    }
}
