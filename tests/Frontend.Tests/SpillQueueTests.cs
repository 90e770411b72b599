using Admission.Frontend.Buffering;
using Admission.Frontend.Configuration;
using Admission.Frontend.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Admission.Frontend.Tests;

public sealed class SpillQueueTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 1_000_000)]
    [InlineData(10_000, 1_000_000)]
    [InlineData(1_000_000, 1_000_000)]
    public void Gives_back_what_was_put_in_in_order(int memory, int max)
    {
        var buffers = new Buffers(new BufferFolder(_folder.Path), NullLogger<Buffers>.Instance);
        using var queue = new SpillQueue(new BufferSettings(true, memory, max), buffers);
        var random = new Random(3);
        var expected = new byte[3000];
        byte written = 0, read = 0;
        for (var step = 0; step < 20_000; step++)
        {
            var data = new byte[random.Next(0, 3000)];
            if (random.Next(2) == 0 && queue.Length + data.Length <= max)
            {
                for (var i = 0; i < data.Length; i++)
                {
                    data[i] = written++;
                }

                queue.TryAppend(data).ShouldBe(Appended.Done);
            }
            else
            {
                var count = queue.Read(data);
                for (var i = 0; i < count; i++)
                {
                    expected[i] = read++;
                }

                data.AsSpan(0, count).SequenceEqual(expected.AsSpan(0, count)).ShouldBeTrue();
            }
        }

        queue.Dispose();
        buffers.Memory.ShouldBe(0);
        buffers.Disk.ShouldBe(0);
    }

    [Fact]
    public void Takes_nothing_of_what_does_not_fit()
    {
        var buffers = new Buffers(new BufferFolder(_folder.Path), NullLogger<Buffers>.Instance);
        using var queue = new SpillQueue(new BufferSettings(true, 100, 1000), buffers);
        queue.TryAppend(new byte[1000]).ShouldBe(Appended.Done);
        queue.TryAppend(new byte[1]).ShouldBe(Appended.OverBound);
        queue.Length.ShouldBe(1000);
        buffers.Disk.ShouldBe(1000);
        buffers.Memory.ShouldBe(0);
    }

    [Fact]
    public void A_body_of_many_times_the_bound_keeps_the_file_within_it()
    {
        const int Max = 10_000;
        var buffers = new Buffers(new BufferFolder(_folder.Path), NullLogger<Buffers>.Instance);
        using var queue = new SpillQueue(new BufferSettings(true, 0, Max), buffers);
        var data = new byte[3_333];
        var expected = new byte[3_333];
        byte written = 0, read = 0;
        for (var step = 0; step < 1000; step++)
        {
            // The file never runs empty.
            while (queue.Length + data.Length <= Max)
            {
                for (var i = 0; i < data.Length; i++)
                {
                    data[i] = written++;
                }

                queue.TryAppend(data).ShouldBe(Appended.Done);
            }

            // That the file does not grow beyond the bound is asserted in the queue.
            buffers.Disk.ShouldBe(queue.Length);
            var count = queue.Read(data);
            for (var i = 0; i < count; i++)
            {
                expected[i] = read++;
            }

            data.AsSpan(0, count).SequenceEqual(expected.AsSpan(0, count)).ShouldBeTrue();
        }

        queue.Dispose();
        buffers.Disk.ShouldBe(0);
    }

    [Fact]
    public void Says_that_the_disk_has_no_room()
    {
        var folder = Path.Combine(_folder.Path, "file");
        File.WriteAllText(folder, "in the way");
        var buffers = new Buffers(new BufferFolder(folder), NullLogger<Buffers>.Instance);
        using var queue = new SpillQueue(new BufferSettings(true, 100, 1000), buffers);
        queue.TryAppend(new byte[500]).ShouldBe(Appended.NoRoom);
        queue.TryAppend(new byte[50]).ShouldBe(Appended.Done);
        buffers.Disk.ShouldBe(0);
    }
}
