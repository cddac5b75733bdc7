using OrleansChat.Core.Settings;
using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Deploy.Tests;

/// <summary>Reads the settings that a container would find, with the code that its process would use.</summary>
internal static class DeployedSettings
{
    /// <summary>The settings, which have to be without fault.</summary>
    /// <param name="environment">The container's variables.</param>
    /// <param name="file">The content of <c>/etc/orleanschat/orleanschat.json</c>; null for none.</param>
    public static OrleansChatOptions Read(IReadOnlyDictionary<string, string> environment, string? file)
    {
        var folder = Directory.CreateTempSubdirectory("orleanschat-deploy");
        try
        {
            if (file is not null)
                File.WriteAllText(Path.Combine(folder.FullName, "orleanschat.json"), ResolveSecrets(file, environment));
            var (options, faults) = OrleansChatSettings.Read(new SettingsPlaces
            {
                Environment = environment,
                WorkingDirectory = Path.GetTempPath(),
                HomeDirectory = "",
                SystemDirectory = folder.FullName,
            });
            Assert.Empty(faults.Select(fault => fault.ToString()));
            return options;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // The variables of a container are not those of this process: a reference to one that it has becomes its value, any other stays a
    // fault.
    private static string ResolveSecrets(string file, IReadOnlyDictionary<string, string> environment) => environment.Aggregate(
        file, (text, variable) => text.Replace($"\"env:{variable.Key}\"", $"\"{variable.Value}\"", StringComparison.Ordinal));
}
