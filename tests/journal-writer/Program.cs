// Writes to a journal until it is killed, and prints each write once it is acknowledged.
//   arguments: FOLDER WRITERS FIRST-NUMBER SEGMENT-BYTES GARBAGE-RATIO
//   output:    "opening", then "open", then "WRITER NUMBER" for each acknowledged write
// Writer w changes only key "w", one write at a time, with rising numbers. A number that divides by 7 deletes the key; any other
// sets it to the number followed by (number mod 400) x.
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Standalone.Journal;

const int MaxPadding = 400;

var writers = int.Parse(args[1], CultureInfo.InvariantCulture);
var first = int.Parse(args[2], CultureInfo.InvariantCulture);
var options = new JournalOptions
{
    DataDirectory = args[0],
    SegmentBytes = int.Parse(args[3], CultureInfo.InvariantCulture),
    CompactionGarbageRatio = double.Parse(args[4], CultureInfo.InvariantCulture),
};
using var output = Console.OpenStandardOutput();
Print("opening");
await using var journal = await Journal.OpenAsync(options, TimeProvider.System, NullLogger<Journal>.Instance, CancellationToken.None);
Print("open");
await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() => WriteAsync(writer))));

async Task WriteAsync(int writer)
{
    var key = writer.ToString(CultureInfo.InvariantCulture);
    for (var number = first; ; number++)
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        if (number % 7 == 0)
            await journal.DeleteAsync(key, null, CancellationToken.None);
        else
            await journal.PutAsync(key, Encoding.ASCII.GetBytes(text + new string('x', number % MaxPadding)), null, CancellationToken.None);
        Print(key + " " + text);
    }
}

// One call to the system for each line, so that a line is either in the pipe or not.
void Print(string line)
{
    lock (output)
        output.Write(Encoding.ASCII.GetBytes(line + "\n"));
}
