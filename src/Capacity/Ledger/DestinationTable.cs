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
    private int _room;

    /// <summary>Permits that there are at present: those of withheld destinations are not, nor those beyond a limit that was found.</summary>
    public int Limit { get; private set; }

    /// <summary>What the policy allows at most.</summary>
    public int Most => _configured;

    /// <summary>The backend's limit, were every destination in service.</summary>
    public int Whole => IsPaused ? 0 : Math.Min(_configured, _found);

    /// <summary>An operator has paused the backend: no permit is granted, whatever the limits.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>The most permits that one destination may be granted at present.</summary>
    public int LargestOpen { get; private set; }

    /// <summary>Some destination may be granted less than its limit.</summary>
    public bool IsRestricted { get; private set; }

    public int Booked { get; private set; }

    /// <summary>Permits that can be granted; negative after a limit was lowered below what is booked.</summary>
    public int Free => IsRestricted ? Math.Min(Whole - Booked, _room) : Whole - Booked;

    public IReadOnlyList<LedgerDestination> All => _all;

    /// <summary>Whether any destination, or the backend, is booked beyond its limit.</summary>
    public bool IsOverbooked { get; private set; }

    /// <summary>Takes the limits of a policy. A destination that it does not list drains.</summary>
    public void Configure(BackendPolicy policy, bool isPaused)
    {
        IsPaused = isPaused;
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
        CountOpen();
    }

    /// <summary>Holds the backend to a limit that was found, within what the policy allows; <see cref="int.MaxValue"/> for none.</summary>
    public void Hold(int found)
    {
        if (found != _found)
        {
            _found = found;
            CheckOverbooking();
            CountOpen();
        }
    }

    /// <summary>Takes note of how much of each limit may be granted, after that has changed.</summary>
    public void CountOpen()
    {
        var sum = 0L;
        (LargestOpen, _room, IsRestricted) = (0, 0, false);
        foreach (var destination in _all)
        {
            sum += destination.Open;
            _room += destination.Room;
            LargestOpen = Math.Max(LargestOpen, destination.Open);
            IsRestricted |= destination.Open < destination.Limit;
        }

        Limit = IsRestricted ? (int)Math.Min(sum, Whole) : Whole;
    }

    /// <summary>A destination that is known, or null.</summary>
    public LedgerDestination? TryFind(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Whether so many permits of a withheld destination may go to its trial: the whole limit holds there, and the backend's.</summary>
    public bool FitsTrial(LedgerDestination destination, int permits) => destination.Limit - destination.Booked >= permits && Whole - Booked >= permits;

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
        _room -= destination.Room;
        destination.Booked += permits;
        _room += destination.Room;
        Booked += permits;
        Debug.Assert(destination.Booked >= 0 && Booked >= 0, "A permit was given back that was not booked.");
        if (permits < 0 && IsOverbooked)
        {
            CheckOverbooking();
        }
        else if (destination.Booked > destination.Limit || Booked > Whole)
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
        IsOverbooked = Booked > Whole;
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
