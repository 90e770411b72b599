namespace Admission.Statements;

/// <summary>Bounds what is asked of PostgreSQL, and holds no thread of the pool for what is given up. Compiled into each assembly that asks PostgreSQL.</summary>
/// <remarks>
/// Npgsql ends a statement whose token is cancelled by asking the server to: over a new connection, on the very thread that cancels, and it reads until the server has closed that one. A server that hangs, or whose machine does, accepts the connection and
/// says nothing, so that thread stands still for twice the connection string's <c>Timeout</c> (30 s by default; measured with Npgsql 10.0.0, whatever <c>CancellationTimeout</c> says). Tokens are cancelled by timers, which run on the pool,
/// and the pool of a machine with two processors begins with two threads: some late statements stop everything else in the process, leases too. So who waits goes on at once, and the cancelling is done on a thread of its own.
/// There are never more of these than the data source has connections, because each statement that is not yet given up by Npgsql keeps its connection.
/// The time-out of a command has the same effect, so commands that run here have none (<c>CommandTimeout = 0</c>).
/// </remarks>
internal static class BoundedStatement
{
    /// <summary>Runs a statement, opening its connection included. What is given up may still happen in the database a little later.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="statement">Opens the connection, executes, reads and closes, all with the token that it is given.</param>
    /// <param name="longest">How long it may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Gives it up before.</param>
    /// <returns>What the statement gives.</returns>
    /// <exception cref="TimeoutException">It took longer than it may.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> statement, TimeSpan longest, TimeProvider time, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();

        // Without a timer or a wait handle there is nothing to dispose, and it is still used when this method has ended.
        var abandoned = new CancellationTokenSource();
        var running = statement(abandoned.Token);
        try
        {
            return await running.WaitAsync(longest, time, cancellation);
        }
        catch (TimeoutException late) when (!running.IsCompleted)
        {
            Abandon(running, abandoned);
            throw new TimeoutException($"The database has not answered within {longest.TotalSeconds} s.", late);
        }
        catch (OperationCanceledException) when (!running.IsCompleted)
        {
            Abandon(running, abandoned);
            throw;
        }
    }

    /// <summary>Cancels it elsewhere. Its own end, which nobody waits for any more, is that it was cancelled or that its connection broke.</summary>
    private static void Abandon(Task running, CancellationTokenSource abandoned)
    {
        Observe(running);
        Observe(Task.Factory.StartNew(abandoned.Cancel, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
    }

    private static void Observe(Task task) =>
        _ = task.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
