using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Tests.Journals;

/// <summary>
/// The real file system, and beside it what of it is certainly on the disk. <see cref="Crash"/> builds a folder as a power cut may
/// leave it: of what was written since a file's last flush, any 512-byte sectors may be missing; of what was created, renamed or removed
/// since the folder's last flush, any part may not have happened.
/// </summary>
internal sealed class PowerLossFiles : IJournalFiles
{
    private const int SectorBytes = 512;

    private readonly DiskFiles _disk = new();
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<SafeFileHandle, Content> _open = new();
    private readonly List<(string Name, Content? Content)> _pendingNames = [];
    private readonly Dictionary<string, Content> _durableNames = [];
    private readonly Dictionary<string, Content> _names = [];

    /// <summary>Called before each step that changes the disk; what it throws is the step's failure.</summary>
    public Action BeforeStep { get; set; } = static () => { };

    /// <summary>
    /// Whether the next flush fails. Then any part of what it was to flush is lost for good, as on Linux: a flush that succeeds later says nothing about it.
    /// </summary>
    public Func<bool> NextFlushFails { get; set; } = static () => false;

    /// <summary>Decides what becomes of what is not certainly on the disk.</summary>
    public Random Chance { get; set; } = new(0);

    public void CreateFolder(string folder) => _disk.CreateFolder(folder);

    public SafeFileHandle Create(string path)
    {
        BeforeStep();
        var handle = _disk.Create(path);
        lock (_gate)
        {
            var content = new Content();
            _open[handle] = content;
            Rename(path, content);
        }

        return handle;
    }

    public SafeFileHandle Open(string path, bool writable)
    {
        var handle = _disk.Open(path, writable);
        lock (_gate)
        {
            var content = new Content { Durable = File.ReadAllBytes(path) };
            _open[handle] = content;
            _names[path] = _durableNames[path] = content;
        }

        return handle;
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        BeforeStep();
        lock (_gate)
            _open[file].Pending.Add((offset, bytes.ToArray()));
        _disk.Write(file, bytes, offset);
    }

    public void Flush(SafeFileHandle file)
    {
        BeforeStep();
        lock (_gate)
        {
            var fails = NextFlushFails();
            _open[file].Settle(fails ? () => Chance.Next(2) == 0 : static () => true);
            if (fails)
                throw new IOException("Input/output error.");
        }
    }

    public void Truncate(SafeFileHandle file, long length)
    {
        BeforeStep();
        lock (_gate)
            _open[file].Pending.Add((length, null));
        _disk.Truncate(file, length);
    }

    public void Move(string from, string to)
    {
        BeforeStep();
        lock (_gate)
        {
            Rename(to, _names[from]);
            Rename(from, null);
        }

        _disk.Move(from, to);
    }

    public void Delete(string path)
    {
        BeforeStep();
        lock (_gate)
            Rename(path, null);
        _disk.Delete(path);
    }

    public void FlushFolder(string folder)
    {
        BeforeStep();
        lock (_gate)
        {
            var fails = NextFlushFails();
            foreach (var (name, content) in _pendingNames)
            {
                if (!fails || Chance.Next(2) == 0)
                    Rename(_durableNames, name, content);
            }

            _pendingNames.Clear();
            if (fails)
                throw new IOException("Input/output error.");
        }
    }

    /// <summary>The folder after a power cut now.</summary>
    public TemporaryFolder Crash(Random random)
    {
        lock (_gate)
        {
            var names = new Dictionary<string, Content>(_durableNames);
            foreach (var (name, content) in _pendingNames)
            {
                if (random.Next(2) == 0)
                    Rename(names, name, content);
            }

            var crashed = new TemporaryFolder();
            foreach (var (name, content) in names)
                File.WriteAllBytes(Path.Combine(crashed.Path, Path.GetFileName(name)), content.Crash(random));
            return crashed;
        }
    }

    private void Rename(string name, Content? content)
    {
        _pendingNames.Add((name, content));
        Rename(_names, name, content);
    }

    private static void Rename(Dictionary<string, Content> names, string name, Content? content)
    {
        if (content is null)
            names.Remove(name);
        else
            names[name] = content;
    }

    private sealed class Content
    {
        public byte[] Durable { get; set; } = [];

        /// <summary>Writes, and without bytes cuts, in their order.</summary>
        public List<(long Offset, byte[]? Bytes)> Pending { get; } = [];

        public void Settle(Func<bool> arrives)
        {
            Durable = Apply(arrives);
            Pending.Clear();
        }

        public byte[] Crash(Random random)
        {
            // Nothing, everything, or some sectors: each is likely enough to be met.
            var kept = random.Next(3);
            return Apply(() => kept == 1 || (kept == 2 && random.Next(2) == 0));
        }

        private byte[] Apply(Func<bool> arrives)
        {
            var bytes = Durable;
            foreach (var (offset, written) in Pending)
            {
                if (written is null)
                {
                    if (arrives())
                        bytes = [.. bytes.Take((int)offset)];
                    continue;
                }

                for (var at = 0; at < written.Length;)
                {
                    var position = (int)offset + at;
                    var count = Math.Min(written.Length - at, SectorBytes - (position % SectorBytes));
                    if (arrives())
                    {
                        if (bytes.Length < position + count)
                            Array.Resize(ref bytes, position + count);
                        else if (ReferenceEquals(bytes, Durable))
                            bytes = [.. Durable];
                        written.AsSpan(at, count).CopyTo(bytes.AsSpan(position));
                    }

                    at += count;
                }
            }

            return bytes;
        }
    }
}
