using System.Text;

namespace OrleansChat.Standalone.Tests.Tour;

/// <summary>Splits a line as a shell does, as far as the tour needs it: blanks, and single quotes that keep what is between them.</summary>
internal static class ShellWords
{
    public static IReadOnlyList<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quoted = false;
        var begun = false;
        foreach (var character in line)
        {
            if (character == '\'')
                (quoted, begun) = (!quoted, true);
            else if (character != ' ' || quoted)
                (_, begun) = (word.Append(character), true);
            else if (begun)
                Take();
        }

        if (begun)
            Take();

        return words;

        void Take()
        {
            words.Add(word.ToString());
            word.Clear();
            begun = false;
        }
    }
}
