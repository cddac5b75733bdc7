using System.CommandLine;
using System.CommandLine.Parsing;
using OrleansChat.Core.Settings;

namespace OrleansChat.Standalone.Commands;

/// <summary>The options of every command that calls a running server.</summary>
internal sealed class ServerOptions
{
    /// <summary>The variable of the environment that may hold the API key.</summary>
    public const string KeyVariable = "ORLEANSCHAT_API_KEY";

    public Option<Uri> Address { get; } = new("--server")
    {
        Description = "The running server.",
        DefaultValueFactory = _ => new Uri(OrleansChatOptions.DefaultUrls),
        CustomParser = ParseAddress,
    };

    public Option<string?> Key { get; } = new("--key")
    {
        Description = $"The API key; without it, the variable {KeyVariable} is read.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(KeyVariable),
    };

    /// <summary>The server that a command line names.</summary>
    public RemoteServer Connect(ParseResult parsed) => new(parsed.GetValue(Address)!, parsed.GetValue(Key));

    /// <summary>Reads an address.</summary>
    public static Uri? ParseAddress(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
            return address;

        result.AddError($"'{text}' is not the address of a server, such as {OrleansChatOptions.DefaultUrls}.");
        return null;
    }
}
