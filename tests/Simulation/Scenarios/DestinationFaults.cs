namespace Admission.Simulation;

/// <summary>
/// The truth about the destinations: each fails now and then, for everybody or for one holder, and comes back. One that has failed refuses connections, or takes them and is silent; what
/// it was doing breaks, or hangs.
/// </summary>
internal sealed class DestinationFaults(World world)
{
    private const long Ms = Timeline.Millisecond;

    private readonly State[] _states = new State[LimitCheck.Destinations];
    private readonly long[] _downSince = new long[LimitCheck.Destinations];
    private readonly int[] _onlyFor = new int[LimitCheck.Destinations];

    private enum State
    {
        Up,
        Refuses,
        IsSilent,
    }

    private bool Happen => world.Scenario.DestinationFails > 0;

    public void Begin()
    {
        if (Happen)
        {
            Next();
        }
    }

    /// <summary>The destination refuses everybody's connections, since when; <see cref="long.MaxValue"/> if it does not.</summary>
    public long RefusesSince(int destination) => _states[destination] == State.Refuses && _onlyFor[destination] < 0 ? _downSince[destination] : long.MaxValue;

    /// <summary>Work begins at a destination: how long it will take, and how it will end unless something happens.</summary>
    public long Enter(Work work, long service)
    {
        var state = _onlyFor[work.Destination] < 0 || _onlyFor[work.Destination] == work.Holder ? _states[work.Destination] : State.Up;
        switch (state)
        {
            case State.Refuses:
                work.Outcome = RunOutcome.ConnectFailed;
                return world.Random.Between(1, 3 * Ms);
            case State.IsSilent:
                work.Outcome = RunOutcome.TimedOut;
                return world.Scenario.Policy.RunTimeout.Ticks;
            default:
                return service;
        }
    }

    public void Fail()
    {
        if (world.Quiet)
        {
            return;
        }

        Next();
        var named = world.Policies.Wanted.Destinations;
        var destination = named.Length == 0 ? 0 : LimitCheck.IndexOf(named[world.Random.Below(named.Length)].Destination);
        if (_states[destination] != State.Up)
        {
            return;
        }

        _states[destination] = world.Random.Chance(0.75) ? State.Refuses : State.IsSilent;
        _onlyFor[destination] = world.Random.Chance(0.25) ? world.Random.Below(world.Holders.Length) : -1;
        _downSince[destination] = world.Now;
        world.Trace.Add(world.Now, "destination fails", destination, _onlyFor[destination], _states[destination]);
        world.Events.Add(world.Now + (long)world.Random.Scale(100 * Ms, 4000 * Ms), EventKind.DestinationReturns, destination);
        foreach (var holder in world.Holders)
        {
            for (var i = holder.Working.Count - 1; i >= 0 && (_onlyFor[destination] < 0 || _onlyFor[destination] == holder.Index); i--)
            {
                var work = holder.Working[i];
                if (work.Destination == destination && !work.IsProbe)
                {
                    var breaks = world.Random.Chance(0.5);
                    work.Outcome = breaks ? RunOutcome.Broken : RunOutcome.TimedOut;
                    if (breaks)
                    {
                        world.Events.Add(world.Now, EventKind.WorkEnds, holder.Index, 0, work);
                    }
                }
            }
        }
    }

    public void Return(int destination)
    {
        world.Trace.Add(world.Now, "destination returns", destination);
        _states[destination] = State.Up;
    }

    /// <summary>The quiet tail begins: all are well.</summary>
    public void End()
    {
        Array.Clear(_states);
    }

    private void Next() => world.Events.Add(world.Now + world.Random.Exponential(world.Scenario.DestinationFails), EventKind.DestinationFails, -1);
}
