using Admission.Jobs.Storage;
using Admission.Jobs.Tests.Support;

namespace Admission.Jobs.Tests;

public class ReadGateTests
{
    [Fact]
    public async Task Beyond_its_places_one_waits_a_while_and_is_told_that_too_many_ask()
    {
        var time = new SteppedTimers();
        var gate = new ReadGate(2, time);
        var open = new TaskCompletionSource<int>();
        var inside = 0;
        var first = Enumerable.Range(0, 2).Select(_ => gate.EnterAsync(Look, CancellationToken.None)).ToArray();
        var third = gate.EnterAsync(Look, CancellationToken.None);
        inside.ShouldBe(2);
        time.Fire(ReadGate.LongestWait);
        await Should.ThrowAsync<JobStoreBusyException>(third);

        // Whoever comes while there is a place again is let in; nobody's place was lost.
        var fourth = gate.EnterAsync(Look, CancellationToken.None);
        open.SetResult(7);
        (await Task.WhenAll([.. first, fourth])).ShouldAllBe(answer => answer == 7);
        (await gate.EnterAsync(Look, CancellationToken.None)).ShouldBe(7);
        inside.ShouldBe(4);

        Task<int> Look(CancellationToken cancellation)
        {
            Interlocked.Increment(ref inside);
            return open.Task;
        }
    }

    [Fact]
    public async Task No_more_wait_than_may()
    {
        var gate = new ReadGate(1, TimeProvider.System);
        var open = new TaskCompletionSource<int>();
        using var gone = new CancellationTokenSource();
        var first = gate.EnterAsync(_ => open.Task, CancellationToken.None);
        var waiting = Enumerable.Range(0, ReadGate.MostWaiting).Select(_ => gate.EnterAsync(_ => open.Task, gone.Token)).ToArray();
        await Should.ThrowAsync<JobStoreBusyException>(() => gate.EnterAsync(_ => open.Task, CancellationToken.None));

        // Those that leave make room.
        await gone.CancelAsync();
        foreach (var each in waiting)
        {
            await Should.ThrowAsync<OperationCanceledException>(each);
        }

        var next = gate.EnterAsync(_ => open.Task, CancellationToken.None);
        open.SetResult(1);
        (await first, await next).ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_look_that_takes_too_long_is_a_failure_of_the_store()
    {
        var time = new SteppedTimers();
        var gate = new ReadGate(1, time);
        var look = gate.EnterAsync(async cancellation => await new TaskCompletionSource<int>().Task.WaitAsync(cancellation), CancellationToken.None);
        time.Fire(ReadGate.LongestLook);
        JobStoreFailure.Is(await Should.ThrowAsync<TimeoutException>(look)).ShouldBeTrue();
    }
}
