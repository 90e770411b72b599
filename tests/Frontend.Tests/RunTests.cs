using Admission.Capacity;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Tests.Support;

namespace Admission.Frontend.Tests;

public sealed class RunTests
{
    private static readonly BackendPolicy Policy = new() { Limit = 1 };

    [Fact]
    public void Never_cancels_a_source_that_another_request_has_rented()
    {
        var cancellations = new RunCancellations(TimeProvider.System);
        using var client = new CancellationTokenSource();
        using (var run = new Run(cancellations, Policy, null, client.Token, TestLife.Start(Policy)))
        {
            // A WebSocket to a backend that stops what is abandoned.
            run.StopWhenClientLeaves();
            run.StopWhenClientLeaves();
        }

        using var next = new Run(cancellations, Policy, null, default, TestLife.Start(Policy));
        client.Cancel();
        next.RequestAborted.IsCancellationRequested.ShouldBeFalse();
        next.End.ShouldBe(RunEnd.None);
    }

    [Fact]
    public async Task Says_why_it_was_stopped()
    {
        var cancellations = new RunCancellations(TimeProvider.System);
        using var client = new CancellationTokenSource();
        var life = TestLife.Start(Policy);
        using (var run = new Run(cancellations, Policy, null, client.Token, life))
        {
            await client.CancelAsync();
            run.RequestAborted.IsCancellationRequested.ShouldBeFalse("Most backends go on.");
            await life.CancelInFlightAsync();
            run.RequestAborted.IsCancellationRequested.ShouldBeTrue();
            run.End.ShouldBe(RunEnd.LeaseLost);
        }

        using var next = new Run(cancellations, Policy, null, default, TestLife.Start(Policy));
        next.RequestAborted.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public void Lets_nothing_be_sent_or_written_first_once_the_lease_has_run_out_whether_the_policy_cancels_or_not()
    {
        foreach (var onLeaseLost in new[] { OnLeaseLost.Cancel, OnLeaseLost.Continue })
        {
            var time = new StallingTime();
            var policy = Policy with { OnLeaseLost = onLeaseLost };
            using var run = new Run(new RunCancellations(time), policy, null, default, TestLife.Start(policy, time));
            run.BeforeSend();
            run.RequestAborted.IsCancellationRequested.ShouldBeFalse();
            time.Stall(policy.LeaseTtl);
            Should.Throw<OperationCanceledException>(() => run.BeforeWrite(this));
            run.End.ShouldBe(RunEnd.NotSent);
            Should.Throw<OperationCanceledException>(run.BeforeSend);
        }
    }

    [Theory]
    [InlineData(OnLeaseLost.Cancel)]
    [InlineData(OnLeaseLost.Continue)]
    public void What_has_begun_on_a_connection_goes_on_there_if_the_policy_says_so_and_begins_on_no_other(OnLeaseLost onLeaseLost)
    {
        var time = new StallingTime();
        var policy = Policy with { OnLeaseLost = onLeaseLost };
        using var run = new Run(new RunCancellations(time), policy, null, default, TestLife.Start(policy, time));
        object one = new(), other = new();
        run.BeforeWrite(one);
        time.Stall(policy.LeaseTtl);
        if (onLeaseLost == OnLeaseLost.Continue)
        {
            run.BeforeWrite(one);
            run.RequestAborted.IsCancellationRequested.ShouldBeFalse();
        }
        else
        {
            Should.Throw<OperationCanceledException>(() => run.BeforeWrite(one));
        }

        Should.Throw<OperationCanceledException>(() => run.BeforeWrite(other));
        run.End.ShouldBe(RunEnd.LeaseLost, "The first bytes have been sent.");
    }

    [Fact]
    public async Task That_nothing_was_sent_is_said_also_when_the_alarm_came_first()
    {
        var time = new StallingTime();
        var life = TestLife.Start(Policy, time);
        using var run = new Run(new RunCancellations(time), Policy, null, default, life);
        time.Stall(Policy.LeaseTtl);
        await life.CancelInFlightAsync();
        run.End.ShouldBe(RunEnd.LeaseLost, "Whether something was sent is not known until somebody asks.");
        Should.Throw<OperationCanceledException>(() => run.BeforeWrite(this));
        run.End.ShouldBe(RunEnd.NotSent);
    }

    [Fact]
    public void A_request_whose_time_is_over_sends_nothing_and_cancels_nobody_else()
    {
        foreach (var onLeaseLost in new[] { OnLeaseLost.Cancel, OnLeaseLost.Continue })
        {
            var time = new StallingTime();
            var policy = Policy with { OnLeaseLost = onLeaseLost };
            var cancellations = new RunCancellations(time);
            var life = TestLife.Start(policy, time);
            var run = new Run(cancellations, policy, null, default, life);
            run.BeforeWrite(this);
            run.Dispose();
            Should.Throw<OperationCanceledException>(run.BeforeSend, "The permit has gone back, whatever the lease says.");
            Should.Throw<OperationCanceledException>(() => run.BeforeWrite(this));

            using var next = new Run(cancellations, policy, null, default, TestLife.Start(policy, time));
            time.Stall(policy.LeaseTtl);
            Should.Throw<OperationCanceledException>(run.BeforeSend);
            Should.Throw<OperationCanceledException>(() => run.BeforeWrite(this));
            Should.Throw<OperationCanceledException>(() => run.BeforeWrite(new object()));
            next.RequestAborted.IsCancellationRequested.ShouldBeFalse();
            next.End.ShouldBe(RunEnd.None);
        }
    }

    [Fact]
    public void That_nothing_was_sent_is_not_said_once_a_client_without_asking_connections_had_the_request()
    {
        var time = new StallingTime();
        using var run = new Run(new RunCancellations(time), Policy, null, default, TestLife.Start(Policy, time));
        run.BeforeSend();
        time.Stall(Policy.LeaseTtl);
        Should.Throw<OperationCanceledException>(run.BeforeSend);
        run.End.ShouldBe(RunEnd.LeaseLost, "HTTP/2, or connections that do not ask: it may have been sent.");
    }

    [Fact]
    public void That_nothing_was_sent_is_not_said_by_a_connection_of_a_second_try()
    {
        var time = new StallingTime();
        using var run = new Run(new RunCancellations(time), Policy, null, default, TestLife.Start(Policy, time));
        run.BeforeSend();
        run.BeforeSend();
        time.Stall(Policy.LeaseTtl);
        Should.Throw<OperationCanceledException>(() => run.BeforeWrite(this));
        run.End.ShouldBe(RunEnd.LeaseLost);
    }
}
