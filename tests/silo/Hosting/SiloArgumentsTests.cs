using OrleansChat.Silo.Hosting;

namespace OrleansChat.Silo.Tests.Hosting;

public sealed class SiloArgumentsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true, "--local")]
    [InlineData(true, "--OrleansChat:Cluster:SiloPort=1", "--local")]
    [InlineData(false, "--OrleansChat:Cluster:SiloPort", "1")]
    [InlineData(false, "--orleanschat:cluster:siloport=1")]
    public void Arguments_ThatAreKnown_AreTaken(bool isLocal, params string[] arguments)
    {
        Assert.Equal(new SiloArguments(isLocal, null), SiloArguments.Parse(arguments));
    }

    [Theory]
    [InlineData("--lokal", "--lokal")]
    [InlineData("extra", "--local", "extra")]
    [InlineData("first", "first", "second")]
    [InlineData("2", "--OrleansChat:Cluster:SiloPort=1", "2")]
    public void Arguments_ThatAreNot_AreNamed(string unknown, params string[] arguments)
    {
        Assert.Equal(unknown, SiloArguments.Parse(arguments).Unknown);
    }
}
