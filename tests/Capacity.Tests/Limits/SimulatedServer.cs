namespace Admission.Capacity.Tests;

/// <summary>
/// A backend in virtual time, all exponential, mean <see cref="ServiceTime"/>. Its best limit is its capacity: the smallest number inside with which it does
/// all that it can do.
/// </summary>
internal abstract class SimulatedServer(double serviceTime, int seed)
{
    private readonly Random _random = new(seed);

    public double ServiceTime { get; set; } = serviceTime;

    public int Capacity { get; protected set; }

    public int Inside { get; protected set; }

    /// <summary>When the next job ends, if nothing else happens; infinity if none is inside.</summary>
    public abstract double NextEnd(double now);

    public abstract void Enter(double now, LabJob job);

    /// <summary>Ends the job that was to end at this instant.</summary>
    public abstract LabJob End(double now);

    public abstract void SetCapacity(double now, int capacity);

    protected double DrawWork() => -ServiceTime * Math.Log(1 - _random.NextDouble());
}

/// <summary>M/M/c: so many workers, and a queue in order of arrival before them. More inside than workers only wait.</summary>
internal sealed class WorkerServer(double serviceTime, int seed) : SimulatedServer(serviceTime, seed)
{
    private readonly PriorityQueue<LabJob, double> _running = new();
    private readonly Queue<LabJob> _waiting = new();

    public override double NextEnd(double now) => _running.TryPeek(out _, out var end) ? end : double.PositiveInfinity;

    public override void Enter(double now, LabJob job)
    {
        Inside++;
        _waiting.Enqueue(job);
        Start(now);
    }

    public override LabJob End(double now)
    {
        Inside--;
        var job = _running.Dequeue();
        Start(now);
        return job;
    }

    public override void SetCapacity(double now, int capacity)
    {
        Capacity = capacity;
        Start(now);
    }

    private void Start(double now)
    {
        while (_running.Count < Capacity && _waiting.TryDequeue(out var job))
        {
            _running.Enqueue(job, now + DrawWork());
        }
    }
}

/// <summary>
/// Processor sharing with a knee: everyone inside is served at once, at full speed up to the capacity; beyond it they share, and what they share shrinks,
/// by a third with twice as many inside as the capacity.
/// </summary>
internal sealed class SharingServer(double serviceTime, int seed) : SimulatedServer(serviceTime, seed)
{
    private readonly PriorityQueue<LabJob, double> _inside = new();
    private double _served;
    private double _at;

    private double Speed => Inside <= Capacity ? 1 : (double)Capacity / Inside / (1 + (0.5 * (Inside - Capacity) / Capacity));

    public override double NextEnd(double now) =>
        _inside.TryPeek(out _, out var end) ? Math.Max(now, _at + ((end - _served) / Speed)) : double.PositiveInfinity;

    public override void Enter(double now, LabJob job)
    {
        Serve(now);
        Inside++;
        _inside.Enqueue(job, _served + DrawWork());
    }

    public override LabJob End(double now)
    {
        Serve(now);
        Inside--;
        return _inside.Dequeue();
    }

    public override void SetCapacity(double now, int capacity)
    {
        Serve(now);
        Capacity = capacity;
    }

    private void Serve(double now)
    {
        _served += Math.Max(0, now - _at) * Speed;
        _at = now;
    }
}
