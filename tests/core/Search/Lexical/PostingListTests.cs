using OrleansChat.Core.Search.Lexical;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Search.Lexical;

public sealed class PostingListTests(ITestOutputHelper output)
{
    [Fact]
    public void Read_BelowAnySlot_GivesWhatWasAddedBelowIt()
    {
        var random = Seed.Print(output);
        var bytes = new PostingBytes();
        var lists = Enumerable.Range(0, 20).Select(_ => (List: new PostingList(), Expected: new List<(int Slot, uint Frequency)>())).ToList();
        for (var slot = 0; slot < 20_000; slot++)
        {
            for (var i = 0; i < lists.Count; i++)
            {
                // From a list that is in every slot to one that is almost nowhere.
                if (random.Next(1 << (i / 2)) != 0)
                    continue;
                var times = random.Next(20) == 0 ? random.Next(1, 400) : 1;
                for (var time = 0; time < times; time++)
                    lists[i].List.Add(slot);
                lists[i].List.Settle(bytes);
                lists[i].List.Settle(bytes);
                lists[i].Expected.Add((slot, (uint)Math.Min(255, times)));
            }
        }

        foreach (var (list, expected) in lists)
        {
            Assert.Equal(expected.Count, list.Count);
            foreach (var end in (int[])[0, random.Next(20_000), 20_000])
            {
                var postings = new uint[list.Count];
                var count = list.Read(bytes, end, postings);
                Assert.Equal(
                    expected.Where(posting => posting.Slot < end),
                    postings[..count].Select(posting => (PostingList.SlotOf(posting), PostingList.FrequencyOf(posting))));
            }
        }
    }

    [Fact]
    public void Read_OfTheHighestSlots_GivesThemBack()
    {
        var bytes = new PostingBytes();
        var list = new PostingList();
        int[] slots = [0, 1, PostingList.MaxSlots - 2, PostingList.MaxSlots - 1];
        foreach (var slot in slots)
            list.Append(bytes, slot, 255);
        var postings = new uint[slots.Length];
        Assert.Equal(slots.Length, list.Read(bytes, PostingList.MaxSlots, postings));
        Assert.Equal(slots, postings.Select(PostingList.SlotOf));
    }
}
