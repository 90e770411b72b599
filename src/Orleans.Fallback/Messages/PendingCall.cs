namespace Orleans.Fallback.Messages;

/// <summary>A caller that waits: for the answer, the time-out or its own cancellation, whichever comes first.</summary>
internal abstract class PendingCall : IResponseSink
{
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private CancellationTokenRegistration _registration;
    private bool _done;

    /// <summary>What the proxy's method returns.</summary>
    public abstract object Result { get; }

    /// <summary>Starts waiting.</summary>
    public void Wait(Request request, TimeSpan timeout, CallSettings settings, CancellationToken cancellation)
    {
        var timer = settings.Time.CreateTimer(_ => OnTimeout(request, timeout, settings), state: null, timeout, Timeout.InfiniteTimeSpan);
        var registration = cancellation.UnsafeRegister((_, token) => OnCancelled(request, token), state: null);
        lock (_gate)
        {
            (_timer, _registration) = (timer, registration);
            if (!_done)
            {
                return;
            }
        }

        Release();
    }

    /// <inheritdoc/>
    public void Complete(object? result)
    {
        if (TryEnd())
        {
            SetResult(result);
        }
    }

    /// <inheritdoc/>
    public void Fail(Exception exception)
    {
        if (TryEnd())
        {
            SetException(exception);
        }
    }

    protected abstract void SetResult(object? result);

    protected abstract void SetException(Exception exception);

    protected abstract void SetCanceled(CancellationToken token);

    private void OnTimeout(Request request, TimeSpan timeout, CallSettings settings)
    {
        if (TryEnd())
        {
            // First, so that a cancellation that throws leaves no caller waiting.
            SetException(new TimeoutException($"Response did not arrive on time in {timeout} for message: {request.Method} to {request.Target}."));
            request.Cancel(settings.DropExpired, settings.CancelOnTimeout);
        }
    }

    private void OnCancelled(Request request, CancellationToken token)
    {
        if (TryEnd())
        {
            SetCanceled(token);
            request.Cancel(drop: true, cancelToken: true);
        }
    }

    private bool TryEnd()
    {
        lock (_gate)
        {
            if (_done)
            {
                return false;
            }

            _done = true;
        }

        Release();
        return true;
    }

    private void Release()
    {
        _timer?.Dispose();
        _ = _registration.Unregister();
    }
}

/// <inheritdoc/>
internal sealed class PendingCall<T>(Func<Task<T>, object> wrap) : PendingCall
{
    // The caller goes on in its own turn, never inside the one that answers.
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override object Result => wrap(_source.Task);

    protected override void SetResult(object? result) => _source.SetResult((T)result!);

    protected override void SetException(Exception exception) => _source.SetException(exception);

    protected override void SetCanceled(CancellationToken token) => _source.SetCanceled(token);
}

/// <summary>What callers of a process have in common.</summary>
internal sealed record CallSettings(TimeProvider Time, TimeSpan ResponseTimeout, bool DropExpired, bool CancelOnTimeout);
