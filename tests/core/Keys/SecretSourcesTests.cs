using OrleansChat.Core.Keys;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Keys;

public sealed class SecretSourcesTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void ASettingOfARegisteredScheme_IsReadThere_AndItsReferenceMayBeShown()
    {
        var scheme = Register("sk-from-the-vault");

        var secret = Secret.From($"{scheme}:payments/openai", _clock);

        Assert.Equal("sk-from-the-vault of payments/openai", secret.Read());
        Assert.Equal("vault:payments/openai", $"{secret}");
    }

    [Fact]
    public void ASettingOfAnotherScheme_IsTheSecretItself()
    {
        var scheme = Register("x");

        Assert.Equal($"not-{scheme}:a", Secret.From($"not-{scheme}:a", _clock).Read());
        Assert.Equal(Secret.Mask, $"{Secret.From($"not-{scheme}:a", _clock)}");
    }

    [Theory]
    [InlineData("env")]
    [InlineData("file")]
    [InlineData("")]
    [InlineData("Vault")]
    [InlineData("1password")]
    [InlineData("a:b")]
    public void Register_OfWhatIsNoFreeScheme_IsRefused(string scheme) =>
        Assert.ThrowsAny<ArgumentException>(() => SecretSources.Register(scheme, (reference, _) => new VaultSecret("x", reference)));

    [Fact]
    public void Register_Twice_IsRefused()
    {
        var scheme = Register("x");

        Assert.Throws<ArgumentException>(() => SecretSources.Register(scheme, (reference, _) => new VaultSecret("y", reference)));
    }

    // A place is registered for the life of the process, so each test has its own.
    private static string Register(string value)
    {
        var scheme = $"vault-{Guid.NewGuid():N}";
        SecretSources.Register(scheme, (reference, _) => new VaultSecret(value, reference));
        return scheme;
    }

    private sealed class VaultSecret(string value, string reference) : Secret
    {
        public override string Source => $"vault:{reference}";

        public override string? Read() => $"{value} of {reference}";
    }
}
