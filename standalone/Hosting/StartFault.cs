using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Standalone.Hosting;

/// <summary>Says in plain lines why the server does not start.</summary>
internal static class StartFault
{
    /// <summary>The lines for a failure of the start; null for one that is a fault of the program.</summary>
    public static IReadOnlyList<string>? Describe(Exception fault) => fault switch
    {
        SettingsFaultsException settings => [.. settings.Faults.Select(one => one.ToString())],
        OrleansChatException known => [known.Message, .. known.Problem.Suggestions.Select(suggestion => $"  {suggestion}")],
        IOException { InnerException: AddressInUseException } taken =>
            [taken.Message, "  Stop the process that listens there, or choose another address with --OrleansChat:Urls=http://127.0.0.1:8081"],
        IOException { InnerException: SocketException or AddressInUseException } address => [address.Message, "  Check the setting OrleansChat:Urls."],
        HttpRequestException unreachable => [$"No server answers: {unreachable.Message}", "  Start one with: dotnet run --project standalone"],
        SocketException address => [$"The address of OrleansChat:Urls cannot be listened on: {address.Message}"],
        OperationCanceledException => ["Stopped before the start was complete."],
        _ => null,
    };

    /// <summary>Refuses an argument that is neither an option nor a setting.</summary>
    public static void ThrowIfUnknown(IReadOnlyList<string> arguments)
    {
        var unknown = arguments.FirstOrDefault(argument => !argument.StartsWith("--OrleansChat:", StringComparison.OrdinalIgnoreCase));
        if (unknown is not null)
            throw RequestException.Invalid(unknown, $"'{unknown}' is not an option.", "See --help. Settings are given as --OrleansChat:Key=value.");
    }

    /// <summary>Refuses a folder that is not there.</summary>
    public static void ThrowIfMissing(DirectoryInfo? folder)
    {
        if (folder is { Exists: false })
            throw RequestException.Invalid("--index", $"There is no folder '{folder.FullName}'.", "Give an existing folder to --index.");
    }
}
