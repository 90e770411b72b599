using Admission.Frontend.Forwarding;

namespace Admission.Frontend.Tests;

public sealed class RunTests
{
    [Fact]
    public void Never_cancels_a_source_that_another_request_has_rented()
    {
        var cancellations = new RunCancellations(TimeProvider.System);
        using var client = new CancellationTokenSource();
        using (var run = new Run(cancellations, TimeSpan.FromMinutes(1), null, client.Token, default))
        {
            // A WebSocket to a backend that stops what is abandoned.
            run.StopWhenClientLeaves();
            run.StopWhenClientLeaves();
        }

        using var next = new Run(cancellations, TimeSpan.FromMinutes(1), null, default, default);
        client.Cancel();
        next.RequestAborted.IsCancellationRequested.ShouldBeFalse();
        next.End.ShouldBe(RunEnd.None);
    }

    [Fact]
    public void Says_why_it_was_stopped()
    {
        var cancellations = new RunCancellations(TimeProvider.System);
        using var client = new CancellationTokenSource();
        using var lease = new CancellationTokenSource();
        using (var run = new Run(cancellations, TimeSpan.FromMinutes(1), null, client.Token, lease.Token))
        {
            client.Cancel();
            run.RequestAborted.IsCancellationRequested.ShouldBeFalse("Most backends go on.");
            lease.Cancel();
            run.RequestAborted.IsCancellationRequested.ShouldBeTrue();
            run.End.ShouldBe(RunEnd.LeaseLost);
        }

        using var next = new Run(cancellations, TimeSpan.FromMinutes(1), null, default, default);
        next.RequestAborted.IsCancellationRequested.ShouldBeFalse();
    }
}
