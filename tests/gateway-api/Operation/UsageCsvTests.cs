using OrleansChat.GatewayApi.Operation;

namespace OrleansChat.GatewayApi.Tests.Operation;

public sealed class UsageCsvTests
{
    [Theory]
    [InlineData("team-a", "team-a")]
    [InlineData("", "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\r\nlines", "\"two\r\nlines\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"")]
    public void Cell_IsQuotedAndNeverAFormula(string text, string cell) => Assert.Equal(cell, UsageCsv.Cell(text));
}
