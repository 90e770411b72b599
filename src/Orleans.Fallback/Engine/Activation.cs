using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Fallback.Messages;
using Orleans.Runtime;

namespace Orleans.Fallback.Engine;

/// <summary>One activation: its queue, its turns and its life.</summary>
/// <remarks>
/// Turns run one after another on <c>_turns</c>; the continuation after an <c>await</c> is a turn too. Which work may be under way at once is
/// decided under <c>_gate</c> when work comes and when work ends (<see cref="Pump"/>): anything when nothing is under way or all that is may
/// interleave, what interleaves always, what is read-only beside what is read-only. Work that must wait does not hold up later work that
/// need not. Nothing runs before activation is complete; deactivation waits for what runs, and passes on what waits.
/// </remarks>
internal sealed partial class Activation : IGrainContext
{
    /// <summary>Work that waits, at most; requests beyond it are refused.</summary>
    public const int MaxWaiting = 100_000;

    private readonly Lock _gate = new();
    private readonly TaskScheduler _turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LinkedList<Work> _waiting = new();
    private readonly List<Work> _exclusive = [];
    private readonly List<GrainTimer> _timers = [];
    private readonly CancellationTokenSource _activating = new();
    private readonly Catalog _catalog;
    private readonly GrainClass _class;
    private readonly ILogger _log;

    private State _state = State.Activating;
    private int _running;
    private bool _ending;
    private long _lastUse;
    private long _keepUntil;
    private DeactivationReason _reason;
    private CancellationTokenSource? _deactivation;
    private CancellationTokenSource? _deactivationLimit;
    private AsyncServiceScope? _scope;

    public Activation(Catalog catalog, GrainClass grainClass, GrainId grainId)
    {
        _catalog = catalog;
        _class = grainClass;
        _log = catalog.Log;
        GrainId = grainId;
        _lastUse = Time.GetTimestamp();
    }

    private enum State
    {
        Activating,
        Active,
        Deactivating,
        Ended,
    }

    public GrainId GrainId { get; }

    public ActivationId ActivationId { get; } = ActivationId.NewId();

    public GrainReference GrainReference => _catalog.References.CreateUntyped(GrainId);

    public object? GrainInstance { get; private set; }

    public IServiceProvider ActivationServices => _scope?.ServiceProvider ?? _catalog.Services;

    public Task Deactivated => _deactivated.Task;

    public TimeProvider Time => _catalog.Time;

    public GrainClass Class => _class;

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    /// <summary>Begins activation.</summary>
    public void Start() => Run(ActivateAsync);

    /// <summary>Takes work; false when the activation has ended, and another must be asked.</summary>
    public bool TryEnqueue(Work work)
    {
        lock (_gate)
        {
            if (_state == State.Ended)
            {
                return false;
            }

            if (!work.Bounded || _waiting.Count < MaxWaiting)
            {
                _ = _waiting.AddLast(work);
                Pump();
                return true;
            }
        }

        LogFull(GrainId, MaxWaiting);
        work.Refuse(new OrleansMessageRejectionException($"{MaxWaiting} requests wait for {GrainId} already."));
        return true;
    }

    /// <summary>Runs an action in a turn, beside whatever is under way.</summary>
    public void Post(Action action) => Run(() =>
    {
        action();
        return Task.CompletedTask;
    });

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_deactivation is not null)
            {
                return;
            }

            _reason = deactivationReason;
            _deactivationLimit = new CancellationTokenSource(_catalog.DeactivationTimeout, Time);
            _deactivation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _deactivationLimit.Token);
            if (_state == State.Active)
            {
                _state = State.Deactivating;
                Pump();
            }
        }

        Post(_activating.Cancel);

        // What runs may take longer than there is time.
        _ = _deactivation.Token.UnsafeRegister(static self => ((Activation)self!).GiveUpWaiting(), this);
    }

    /// <summary>Ends when idle if the grain's place is on another silo, so that the next call goes there; else the activation stays.</summary>
    public void Migrate()
    {
        if (_catalog.Claims?.IsElsewhere(GrainId) == true)
        {
            Deactivate(new(DeactivationReasonCode.Migrating, "It was asked to move to the silo that owns it."));
        }
        else
        {
            LogNowhereToGo(GrainId);
        }
    }

    public void DelayDeactivation(TimeSpan time)
    {
        var ticks = time.TotalSeconds * Time.TimestampFrequency;
        lock (_gate)
        {
            _keepUntil = time == Timeout.InfiniteTimeSpan || ticks > long.MaxValue / 2 ? long.MaxValue : Time.GetTimestamp() + (long)ticks;
        }
    }

    /// <summary>Deactivates if nothing has used the grain for this long.</summary>
    public void CollectIfIdle(TimeSpan age)
    {
        lock (_gate)
        {
            var idle = _state == State.Active && _running == 0 && _waiting.Count == 0
                && Time.GetElapsedTime(_lastUse) >= age && Time.GetTimestamp() >= _keepUntil;
            if (!idle)
            {
                return;
            }
        }

        Deactivate(new(DeactivationReasonCode.ActivationIdle, $"Idle for {age}."));
    }

    public void Add(GrainTimer timer)
    {
        lock (_gate)
        {
            _timers.Add(timer);
        }
    }

    public void Remove(GrainTimer timer)
    {
        lock (_gate)
        {
            _ = _timers.Remove(timer);
        }
    }

    [LoggerMessage(9111, LogLevel.Warning, "One-way call {Method} to {Grain} failed")]
    public partial void LogOneWayFailed(Exception exception, MethodShape method, GrainId grain);

    [LoggerMessage(9112, LogLevel.Warning, "Activation of {Grain} failed")]
    private partial void LogActivationFailed(Exception exception, GrainId grain);

    [LoggerMessage(9113, LogLevel.Warning, "Deactivation of {Grain} failed ({Reason})")]
    private partial void LogDeactivationFailed(Exception exception, GrainId grain, DeactivationReason reason);

    [LoggerMessage(9114, LogLevel.Debug, "{Grain} stays: no other silo owns it")]
    private partial void LogNowhereToGo(GrainId grain);

    [LoggerMessage(9115, LogLevel.Debug, "A request to {Grain} was refused: {Limit} wait already")]
    private partial void LogFull(GrainId grain, int limit);

    /// <summary>Starts what may run. The caller holds the gate.</summary>
    private void Pump()
    {
        if (_state == State.Deactivating && _running == 0)
        {
            End();
        }

        if (_state != State.Active)
        {
            return;
        }

        for (var node = _waiting.First; node is not null;)
        {
            var next = node.Next;
            if (MayRun(node.Value))
            {
                _waiting.Remove(node);
                Begin(node.Value);
            }

            node = next;
        }
    }

    private bool MayRun(Work work) => _exclusive.Count == 0 || Interleaves(work)
        || (work.ReadOnly && _exclusive.TrueForAll(static other => other.ReadOnly));

    private bool Interleaves(Work work) => work.Interleaves || _class.Reentrant;

    private void Begin(Work work)
    {
        _running++;
        if (!Interleaves(work))
        {
            _exclusive.Add(work);
        }

        Run(async () =>
        {
            await work.RunAsync(this);
            lock (_gate)
            {
                _running--;
                _ = _exclusive.Remove(work);
                if (work.KeepsAlive)
                {
                    _lastUse = Time.GetTimestamp();
                }

                Pump();
            }
        });
    }

    /// <summary>Starts a turn, without anything of the thread that asks for it.</summary>
    private void Run(Func<Task> turn)
    {
        using var suppressed = ExecutionContext.IsFlowSuppressed() ? default(IDisposable) : ExecutionContext.SuppressFlow();
        _ = Task.Factory.StartNew(turn, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _turns);
    }
}
