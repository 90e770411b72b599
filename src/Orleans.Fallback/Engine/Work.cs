using Orleans.Fallback.Messages;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Fallback.Engine;

/// <summary>Something that an activation runs in its turns: a request or a timer's callback.</summary>
internal abstract class Work
{
    /// <summary>Whether it may run beside anything, and anything beside it.</summary>
    public virtual bool Interleaves => false;

    /// <summary>Whether it may run beside others that are read-only.</summary>
    public virtual bool ReadOnly => false;

    /// <summary>Whether it counts as use of the grain.</summary>
    public virtual bool KeepsAlive => true;

    /// <summary>Whether it may be refused because too much waits already.</summary>
    public virtual bool Bounded => false;

    /// <summary>Runs it. Does not throw.</summary>
    public abstract Task RunAsync(Activation activation);

    /// <summary>The activation ended before it could run.</summary>
    public abstract void Forward(IRequestRouter router);

    /// <summary>There will be no activation to run it.</summary>
    public abstract void Refuse(Exception exception);
}

/// <inheritdoc/>
internal sealed class RequestWork(Request request) : Work
{
    public override bool Interleaves => request.Method.AlwaysInterleave;

    public override bool ReadOnly => request.Method.ReadOnly;

    public override bool Bounded => true;

    public override async Task RunAsync(Activation activation)
    {
        if (!request.TryBegin(activation.Time, activation.Post))
        {
            return;
        }

        try
        {
            var result = await request.Method.InvokeAsync(activation.GrainInstance!, request.Arguments);
            request.Sink?.Complete(result);
        }
        catch (Exception exception)
        {
            if (exception is InconsistentStateException { IsSourceActivation: true } inconsistent)
            {
                // What this activation has in memory is not what storage has; a caller's activation is not to blame for it.
                inconsistent.IsSourceActivation = false;
                activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, exception, "Its state was inconsistent."));
            }

            if (request.Sink is null)
            {
                activation.LogOneWayFailed(exception, request.Method, request.Target);
            }

            request.Sink?.Fail(exception);
        }
    }

    public override void Forward(IRequestRouter router) => router.Send(request);

    public override void Refuse(Exception exception) => request.Sink?.Fail(exception);
}
