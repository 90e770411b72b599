using System.Diagnostics;

namespace Admission.Capacity;

/// <summary>
/// All destinations with the backend's total: a grant must fit both. Where the policy names no destinations there is one,
/// whose name is empty and whose limit is the total.
/// </summary>
internal sealed class DestinationTable
{
    private readonly List<LedgerDestination> _all = [];
    private readonly Dictionary<string, LedgerDestination> _byName = [];
    private int _next;
    private int _configured;
    private int _found = int.MaxValue;

    public int Limit => Math.Min(_configured, _found);

    /// <summary>What the policy allows at most.</summary>
    public int Most => _configured;

    public int Booked { get; private set; }

    /// <summary>Permits that can be granted; negative after a limit was lowered below what is booked.</summary>
    public int Free => Limit - Booked;

    public IReadOnlyList<LedgerDestination> All => _all;

    /// <summary>Whether any destination, or the backend, is booked beyond its limit.</summary>
    public bool IsOverbooked { get; private set; }

    /// <summary>Takes the limits of a policy. A destination that it does not list drains.</summary>
    public void Configure(BackendPolicy policy)
    {
        _configured = policy.TotalLimit;
        foreach (var destination in _all)
        {
            destination.Limit = 0;
        }

        if (policy.Destinations.Length == 0)
        {
            Find("").Limit = _configured;
        }

        foreach (var (name, limit) in policy.Destinations)
        {
            Find(name).Limit = limit;
        }

        Forget();
        CheckOverbooking();
    }

    /// <summary>Holds the backend to a limit that was found, within what the policy allows; <see cref="int.MaxValue"/> for none.</summary>
    public void Hold(int found)
    {
        if (found != _found)
        {
            _found = found;
            CheckOverbooking();
        }
    }

    public LedgerDestination Find(string name)
    {
        if (!_byName.TryGetValue(name, out var destination))
        {
            destination = new LedgerDestination(name);
            _all.Add(destination);
            _byName.Add(name, destination);
        }

        return destination;
    }

    public void Book(LedgerDestination destination, int permits)
    {
        destination.Booked += permits;
        Booked += permits;
        Debug.Assert(destination.Booked >= 0 && Booked >= 0, "A permit was given back that was not booked.");
        if (permits < 0 && IsOverbooked)
        {
            CheckOverbooking();
        }
        else if (destination.Booked > destination.Limit || Booked > Limit)
        {
            IsOverbooked = true;
        }
    }

    /// <summary>The next destination, round-robin, with so many permits free; null if there is none or the backend has too few.</summary>
    public LedgerDestination? Pick(int permits)
    {
        if (Free < permits)
        {
            return null;
        }

        for (var visited = 0; visited < _all.Count; visited++)
        {
            _next = _next + 1 < _all.Count ? _next + 1 : 0;
            if (_all[_next].Free >= permits)
            {
                return _all[_next];
            }
        }

        return null;
    }

    private void CheckOverbooking()
    {
        IsOverbooked = Booked > Limit;
        foreach (var destination in _all)
        {
            IsOverbooked |= destination.Booked > destination.Limit;
        }
    }

    /// <summary>Drops drained destinations, so that names that come and go do not pile up.</summary>
    private void Forget()
    {
        for (var i = _all.Count - 1; i >= 0; i--)
        {
            if (_all[i] is { Limit: 0, Booked: 0 } drained && drained.Name.Length > 0)
            {
                _all.RemoveAt(i);
                _byName.Remove(drained.Name);
            }
        }

        _next = 0;
    }
}
