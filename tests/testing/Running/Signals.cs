using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansChat.Testing.Running;

/// <summary>What an operator's keyboard tells a process.</summary>
public static partial class Signals
{
    private const int Interrupt = 2;

    /// <summary>Presses Ctrl-C.</summary>
    /// <param name="process">The process.</param>
    /// <exception cref="InvalidOperationException">The process is gone.</exception>
    public static void PressCtrlC(Process process)
    {
        ArgumentNullException.ThrowIfNull(process);
        if (Kill(process.Id, Interrupt) != 0)
            throw new InvalidOperationException($"Process {process.Id} could not be told.");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
