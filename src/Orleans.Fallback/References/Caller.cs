using Orleans.Fallback.Messages;
using Orleans.Runtime;

namespace Orleans.Fallback.References;

/// <summary>Turns a method call into a request and a pending call.</summary>
internal sealed class Caller(IRequestRouter router, CallSettings settings)
{
    /// <summary>Sends a request; returns what the interface's method returns.</summary>
    public object? Call(GrainId target, MethodShape method, object?[]? arguments)
    {
        var timeout = method.ResponseTimeout ?? settings.ResponseTimeout;
        var deadline = settings.DropExpired ? Deadline(timeout) : 0;
        if (method.OneWay)
        {
            router.Send(new Request(target, method, method.CopyArguments(arguments), sink: null) { Deadline = deadline });
            return method.Return.Sent;
        }

        var pending = method.Return.CreatePending();
        try
        {
            var request = new Request(target, method, method.CopyArguments(arguments), pending) { Deadline = deadline };
            var cancellation = CancellationToken.None;
            if (method.CancellationIndex >= 0)
            {
                cancellation = (CancellationToken)arguments![method.CancellationIndex]!;
                request.AddCancellation();
            }

            pending.Wait(request, timeout, settings, cancellation);
            router.Send(request);
        }
        catch (Exception exception)
        {
            pending.Fail(exception);
        }

        return pending.Result;
    }

    private long Deadline(TimeSpan timeout)
    {
        var seconds = timeout.TotalSeconds * settings.Time.TimestampFrequency;
        return timeout <= TimeSpan.Zero || seconds > long.MaxValue / 2 ? 0 : settings.Time.GetTimestamp() + (long)seconds;
    }
}
