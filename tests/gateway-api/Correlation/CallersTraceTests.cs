using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using OrleansChat.GatewayApi.Correlation;

namespace OrleansChat.GatewayApi.Tests.Correlation;

/// <summary>What becomes of a caller's trace where nobody has made a span of the request.</summary>
public sealed class CallersTraceTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private readonly DefaultHttpContext _context = new();

    public CallersTraceTests() => Activity.Current = null;

    [Fact]
    public void Continue_OfARequestWithATrace_IsASpanOfIt()
    {
        _context.Request.Headers.TraceParent = $"00-{Trace}-b7ad6b7169203331-01";
        _context.Request.Headers.TraceState = "vendor=1";

        using var span = CallersTrace.Continue(_context);

        Assert.NotNull(span);
        Assert.Same(span, Activity.Current);
        Assert.Equal((Trace, "b7ad6b7169203331", "vendor=1"), (span.TraceId.ToHexString(), span.ParentSpanId.ToHexString(), span.TraceStateString));
        Assert.StartsWith($"00-{Trace}-", span.Id, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00-zz-b7ad6b7169203331-01")]
    public void Continue_OfARequestWhoseTraceCannotBeRead_IsNothing(string parent)
    {
        _context.Request.Headers.TraceParent = parent;

        Assert.Null(CallersTrace.Continue(_context));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void Continue_OfARequestWithoutATrace_IsNothing() => Assert.Null(CallersTrace.Continue(_context));

    [Fact]
    public void Continue_WhereTheServerHasASpanAlready_IsNothing()
    {
        using var span = new Activity("server").Start();
        _context.Request.Headers.TraceParent = $"00-{Trace}-b7ad6b7169203331-01";

        Assert.Null(CallersTrace.Continue(_context));
    }
}
