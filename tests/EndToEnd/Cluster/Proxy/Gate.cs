namespace Admission.EndToEnd.Cluster.Proxy;

/// <summary>Lets through, or holds, what comes to it.</summary>
internal sealed class Gate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _opened = Opened();

    public void Open()
    {
        lock (_lock)
        {
            _opened.TrySetResult();
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            if (_opened.Task.IsCompleted)
            {
                _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public async ValueTask PassAsync(CancellationToken cancellation)
    {
        // It may have closed again before those who waited went on.
        while (Current() is { IsCompleted: false } closed)
        {
            await closed.WaitAsync(cancellation);
        }
    }

    private static TaskCompletionSource Opened()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private Task Current()
    {
        lock (_lock)
        {
            return _opened.Task;
        }
    }
}
