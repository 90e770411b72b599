using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Fallback.Messages;
using Orleans.Fallback.Network;
using Orleans.Runtime;

namespace Orleans.Fallback.Engine;

/// <summary>The objects of this process that grains can notify.</summary>
/// <remarks>
/// As in Orleans: an object is held weakly, its calls run one after another in the order in which they were sent, and a call to one that is
/// gone is dropped without an answer, so that a caller who waits for one gets a time-out. The identity of an observer names its process.
/// An object that does not keep up loses what comes when <see cref="MaxWaiting"/> calls wait for it; a caller who waits for an answer hears of that.
/// </remarks>
internal sealed partial class ObserverRegistry(LocalProcess self, TimeProvider time, ILogger<ObserverRegistry> log)
{
    /// <summary>Calls that wait for one object, at most.</summary>
    public const int MaxWaiting = 10_000;

    private const char Separator = ';';

    private static readonly GrainType Type = GrainType.Create("sys.observer");

    private readonly TimeProvider _time = time;
    private readonly ConcurrentDictionary<GrainId, Endpoint> _endpoints = new();

    public static bool IsObserver(GrainId id) => id.Type == Type;

    /// <summary>The name of the process that has the observer.</summary>
    public static string ProcessOf(GrainId id)
    {
        var key = id.Key.ToString();
        return key[..Math.Max(key.LastIndexOf(Separator), 0)];
    }

    public GrainId Register(IGrainObserver observer)
    {
        var id = GrainId.Create(Type, $"{self.Name}{Separator}{Guid.NewGuid():N}");
        _endpoints[id] = new Endpoint(this, observer);
        return id;
    }

    public void Unregister(GrainId id) => _endpoints.TryRemove(id, out _);

    public void Dispatch(Request request)
    {
        if (_endpoints.TryGetValue(request.Target, out var endpoint))
        {
            endpoint.Enqueue(request);
        }
        else
        {
            LogUnknown(request.Method, request.Target);
        }
    }

    [LoggerMessage(9101, LogLevel.Debug, "Dropped {Method} to observer {Observer}, which is not registered here")]
    private partial void LogUnknown(MethodShape method, GrainId observer);

    [LoggerMessage(9102, LogLevel.Debug, "Observer {Observer} was collected: keep a reference to the object")]
    private partial void LogCollected(GrainId observer);

    [LoggerMessage(9103, LogLevel.Warning, "One-way call {Method} of observer {Observer} failed")]
    private partial void LogFailed(Exception exception, MethodShape method, GrainId observer);

    [LoggerMessage(9104, LogLevel.Warning, "Dropped {Method} to observer {Observer}, for which {Limit} calls wait already. It is number {Count}")]
    private partial void LogDropped(MethodShape method, GrainId observer, int limit, long count);

    private sealed class Endpoint(ObserverRegistry registry, IGrainObserver observer)
    {
        private readonly WeakReference<IGrainObserver> _observer = new(observer);
        private readonly Queue<Request> _waiting = new();
        private bool _running;
        private long _dropped;

        public void Enqueue(Request request)
        {
            bool full;
            lock (_waiting)
            {
                full = _waiting.Count >= MaxWaiting;
                if (!full)
                {
                    _waiting.Enqueue(request);
                    if (_running)
                    {
                        return;
                    }

                    _running = true;
                }
            }

            if (full)
            {
                Drop(request);
            }
            else
            {
                _ = ThreadPool.UnsafeQueueUserWorkItem(static self => _ = self.RunAsync(), this, preferLocal: false);
            }
        }

        private void Drop(Request request)
        {
            var dropped = Interlocked.Increment(ref _dropped);
            if (System.Numerics.BitOperations.IsPow2(dropped))
            {
                registry.LogDropped(request.Method, request.Target, MaxWaiting, dropped);
            }

            request.Sink?.Fail(new OrleansMessageRejectionException(
                $"{request.Method} to {request.Target} was not delivered: {MaxWaiting} calls wait for the observer already."));
        }

        private async Task RunAsync()
        {
            while (TryTake(out var request))
            {
                if (!_observer.TryGetTarget(out var target))
                {
                    registry.LogCollected(request.Target);
                    registry.Unregister(request.Target);
                }
                else if (request.TryBegin(registry._time, static action => action()))
                {
                    await InvokeAsync(target, request);
                }
            }
        }

        private bool TryTake(out Request request)
        {
            lock (_waiting)
            {
                _running = _waiting.TryDequeue(out request!);
                return _running;
            }
        }

        private async Task InvokeAsync(IGrainObserver target, Request request)
        {
            try
            {
                var result = await request.Method.InvokeAsync(target, request.Arguments);
                request.Sink?.Complete(result);
            }
            catch (Exception exception)
            {
                if (request.Sink is null)
                {
                    registry.LogFailed(exception, request.Method, request.Target);
                }

                request.Sink?.Fail(exception);
            }
        }
    }
}
