using System.CommandLine;
using OrleansChat.Core.Settings.Reading;
using OrleansChat.Core.Settings.Showing;

namespace OrleansChat.Standalone.Commands;

/// <summary><c>config show|validate|precedence|schema</c>: what is configured here, and why.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var command = new Command(SettingsCommand.Name, "Show and check the settings.");
        foreach (var (verb, description) in SettingsCommand.Verbs)
        {
            var one = new Command(verb, description) { TreatUnmatchedTokensAsErrors = false };
            one.SetAction(parsed => SettingsCommand.Run(verb, SettingsPlaces.OfThisProcess([.. parsed.UnmatchedTokens]), Console.Out, Console.Error));
            command.Add(one);
        }

        return command;
    }
}
