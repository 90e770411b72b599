using System.Buffers;
using Orleans.Fallback.Messages;
using Orleans.Fallback.Serialization;

namespace Orleans.Fallback.Network;

/// <summary>What waits for the answer to a frame. It is completed once.</summary>
internal abstract class Answer
{
    /// <summary>The answer came.</summary>
    public abstract void Complete(MessageSerializer serializer, in ReadOnlySequence<byte> body);

    /// <summary>The other side works on it.</summary>
    public virtual void Acknowledge()
    {
        // A call is never acknowledged.
    }

    /// <summary>There is none, or it is a failure.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>The answer is a failure.</summary>
    public void Fail(MessageSerializer serializer, in ReadOnlySequence<byte> body)
    {
        Exception? failure;
        try
        {
            failure = (Exception?)serializer.Read(body, serializer.SlotOf(typeof(Exception)));
        }
        catch (System.Runtime.Serialization.SerializationException exception)
        {
            failure = exception;
        }

        Fail(failure ?? new Runtime.OrleansException("The call failed, and the answer does not say why."));
    }
}

/// <summary>A call that waits for its result.</summary>
internal sealed class CallAnswer(Request request, RemoteMethod method) : Answer
{
    public override void Complete(MessageSerializer serializer, in ReadOnlySequence<byte> body)
    {
        try
        {
            request.Sink?.Complete(method.Result is null ? null : serializer.Read(body, method.Result));
        }
        catch (System.Runtime.Serialization.SerializationException exception)
        {
            Fail(exception);
        }
    }

    public override void Fail(Exception exception) => request.Sink?.Fail(exception);
}

/// <summary>A question of the engine's own.</summary>
internal sealed class QuestionAnswer<T> : Answer
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _acknowledged = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _source.Task;

    /// <summary>Completed when something came: the answer, or the word that it will.</summary>
    public Task Sign => System.Threading.Tasks.Task.WhenAny(_source.Task, _acknowledged.Task);

    public override void Acknowledge() => _acknowledged.TrySetResult();

    public override void Complete(MessageSerializer serializer, in ReadOnlySequence<byte> body)
    {
        try
        {
            _ = _source.TrySetResult((T)serializer.Read(body, serializer.SlotOf(typeof(T)))!);
        }
        catch (System.Runtime.Serialization.SerializationException exception)
        {
            Fail(exception);
        }
    }

    public override void Fail(Exception exception) => _source.TrySetException(exception);
}
