using OrleansChat.Core.Search.Code.Finding;

namespace OrleansChat.Core.Tests.Search.Code;

public sealed class CodeQuestionTests
{
    [Theory]
    [InlineData("ReadAsync", CodeIntent.Definition, "ReadAsync")]
    [InlineData("read", CodeIntent.Definition, "read")]
    [InlineData("Parser.ReadAsync", CodeIntent.Definition, "Parser.ReadAsync")]
    [InlineData("std::vector::push_back", CodeIntent.Definition, "vector.push_back")]
    [InlineData("where is open defined?", CodeIntent.Definition, "open")]
    [InlineData("definition of read_line", CodeIntent.Definition, "read_line")]
    [InlineData("show me `close`", CodeIntent.Definition, "close")]
    [InlineData("who calls FlushAsync?", CodeIntent.Usage, "FlushAsync")]
    [InlineData("usages of flush()", CodeIntent.Usage, "flush")]
    [InlineData("how does CommitLoop work?", CodeIntent.Explanation, "CommitLoop")]
    [InlineData("code that retries a failed request", CodeIntent.Explanation, null)]
    [InlineData("", CodeIntent.Explanation, null)]
    public void Read_OfAQuestion_TellsItsIntentAndNames(string query, CodeIntent intent, string? symbol)
    {
        var question = CodeQuestion.Read(query);
        Assert.Equal(intent, question.Intent);
        Assert.Equal(symbol is null ? [] : [symbol], question.Symbols.Select(name => name.ToString()));
    }
}
