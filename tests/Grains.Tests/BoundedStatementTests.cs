using Admission.Statements;

namespace Admission.Grains.Tests;

/// <summary>What a database that hangs costs this process: Npgsql's cancelling stands still on the thread that cancels, so that must not be one of the pool.</summary>
public class BoundedStatementTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task What_is_late_is_given_up_at_once_and_cancelled_on_a_thread_of_its_own()
    {
        var statement = new HangingStatement();
        var waiting = BoundedStatement.RunAsync(statement.RunAsync, Longest, TimeProvider.System, CancellationToken.None);
        waiting.IsCompleted.ShouldBeFalse();

        (await Should.ThrowAsync<TimeoutException>(waiting)).Message.ShouldBe("The database has not answered within 0.1 s.");
        (await statement.CancelledOnPool.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeFalse();
        statement.LetGo();
    }

    [Fact]
    public async Task Whoever_gives_up_goes_on_at_once_too()
    {
        var statement = new HangingStatement();
        using var gone = new CancellationTokenSource();
        var waiting = BoundedStatement.RunAsync(statement.RunAsync, Longest, TimeProvider.System, gone.Token);

        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        (await statement.CancelledOnPool.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeFalse();
        statement.LetGo();
    }

    [Fact]
    public async Task What_is_in_time_is_not_cancelled_later()
    {
        CancellationToken given = default;
        (await BoundedStatement.RunAsync(token => Task.FromResult(given = token), Longest, TimeProvider.System, CancellationToken.None)).ShouldBe(given);
        await Task.Delay(Longest * 2);
        given.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task Whoever_has_gone_already_asks_nothing()
    {
        var asked = false;
        await Should.ThrowAsync<OperationCanceledException>(BoundedStatement.RunAsync(_ => Task.FromResult(asked = true), Longest, TimeProvider.System, new CancellationToken(true)));
        asked.ShouldBeFalse();
    }

    [Fact]
    public async Task Its_own_failure_is_told_as_it_is() =>
        (await Should.ThrowAsync<TimeoutException>(BoundedStatement.RunAsync(
            _ => Task.FromException<int>(new TimeoutException("of its own")), Longest, TimeProvider.System, CancellationToken.None))).Message.ShouldBe("of its own");

    /// <summary>As one of Npgsql on a server that hangs: cancelling blocks whoever cancels, and it ends after that.</summary>
    private sealed class HangingStatement
    {
        private readonly TaskCompletionSource<bool> _onPool = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<int> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _server = new();

        public Task<bool> CancelledOnPool => _onPool.Task;

        public Task<int> RunAsync(CancellationToken cancellation)
        {
            cancellation.Register(() =>
            {
                _onPool.SetResult(Thread.CurrentThread.IsThreadPoolThread);
                _server.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
                _end.SetCanceled(CancellationToken.None);
            });
            return _end.Task;
        }

        public void LetGo() => _server.Set();
    }
}
