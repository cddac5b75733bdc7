using OrleansChat.Bench.Journal;

return args switch
{
    ["journal", .. var rest] => await JournalBenchmark.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Usage: dotnet run -c Release --project bench -- journal [FOLDER]");
    return 2;
}
