using System.Globalization;
using OrleansChat.Bench.Overhead;

namespace OrleansChat.Bench.Overload;

/// <summary>An upstream that works on so many requests at a time, each for the same time; others wait in line there, in order of their arrival, as at a server of models.</summary>
internal static class PlacedUpstream
{
    public static async Task<int> RunAsync(string places, string milliseconds)
    {
        using var free = new SemaphoreSlim(int.Parse(places, CultureInfo.InvariantCulture));
        var time = TimeSpan.FromMilliseconds(int.Parse(milliseconds, CultureInfo.InvariantCulture));
        return await InstantUpstream.ListenAsync(async context =>
        {
            await free.WaitAsync();
            try
            {
                await Task.Delay(time);
            }
            finally
            {
                free.Release();
            }

            await InstantUpstream.AnswerAsync(context);
        });
    }
}
