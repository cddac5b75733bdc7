using OrleansChat.Core.Keys;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Keys;

public sealed class SecretTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void Read_Literal_IsTheTextItself() => Assert.Equal("sk-1", Secret.From(" sk-1\n", _clock).Read());

    [Fact]
    public void ToString_Literal_DoesNotShowTheSecret() => Assert.Equal("***", $"{Secret.From("sk-1", _clock)}");

    [Fact]
    public void Read_Environment_IsTheVariable()
    {
        var name = $"ORLEANSCHAT_TEST_{Guid.NewGuid():N}";
        var secret = Secret.From($"env:{name}", _clock);
        Assert.Null(secret.Read());

        Environment.SetEnvironmentVariable(name, "from-env");
        try
        {
            Assert.Equal("from-env", secret.Read());
            Assert.Equal($"env:{name}", secret.Source);
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    [Fact]
    public void Read_FileThatChanges_GivesTheNewSecretAfterASecond()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "first\n");
            var secret = Secret.From($"file:{path}", _clock);
            Assert.Equal("first", secret.Read());

            File.WriteAllText(path, "second\n");
            Assert.Equal("first", secret.Read());
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("second", secret.Read());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Read_FileThatIsGoneForAMoment_KeepsTheLastSecret()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "first");
        var secret = Secret.From($"file:{path}", _clock);
        Assert.Equal("first", secret.Read());

        File.Delete(path);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("first", secret.Read());
    }

    [Fact]
    public void Read_FileThatIsNotThere_IsNull() => Assert.Null(Secret.From("file:/no/such/file", _clock).Read());
}
