namespace Admission.Simulation;

/// <summary>
/// Promise 1, against the truth inside the backend, in all and for each destination.
/// </summary>
/// <remarks>
/// <para>
/// The bound is the limit that the newest ledger has in force. After it was lowered the bound is what that ledger had booked then, and from
/// then on the least that it ever booked, until that is within the limit: what a holder was given before may still be used until it is recalled.
/// </para>
/// <para>
/// A ledger that does not grant yet does not know what is booked. Until it does, the bound of its predecessors holds, which may still
/// use their authority: the highest that any of them had in force.
/// </para>
/// <para>
/// Where the limit finds itself, all this holds for the most that the policy allows; and the ledger's own books are held to what it has found.
/// </para>
/// </remarks>
internal sealed class LimitCheck(World world)
{
    /// <summary>Destination 0 is the one without a name; the others are d1 to d8.</summary>
    public const int Destinations = 9;

    private static readonly string[] Names = ["", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8"];

    private readonly int[] _inside = new int[Destinations];
    private readonly int[] _bounds = new int[Destinations];
    private readonly int[] _limits = new int[Destinations];
    private int _bound;
    private int _limit;
    private Activation? _newest;
    private bool _granting;
    private Activation? _foundBy;
    private int _foundBooked;

    public int Inside { get; private set; }

    /// <summary>A lowered limit is not reached yet.</summary>
    public bool IsLowering { get; private set; }

    /// <summary>The limit that a ledger holds now: the policy's, or below it what it has found.</summary>
    public static int InForce(CapacityLedger ledger, BackendPolicy policy) => policy.Adaptive is null ? policy.TotalLimit : ledger.Describe().Adaptive!.Found;

    public static string NameOf(int destination) => Names[destination];

    public static int IndexOf(string destination) => destination.Length == 0 ? 0 : destination[1] - '0';

    public void Enter(int destination, int weight)
    {
        Inside += weight;
        _inside[destination] += weight;
        if (Inside > _bound || _inside[destination] > _bounds[destination])
        {
            throw world.Broken("P1", $"{Inside} permits' work is inside the backend and {_inside[destination]} at '{NameOf(destination)}', "
                + $"but the bounds are {_bound} and {_bounds[destination]} (limits {_limit} and {_limits[destination]}).");
        }
    }

    public void Leave(int destination, int weight)
    {
        Inside -= weight;
        _inside[destination] -= weight;
    }

    /// <summary>Idle permits of valid leases can be used without a word, so they count as much as those in use.</summary>
    public void CheckUsable()
    {
        if (Inside + world.Idle <= _bound)
        {
            return;
        }

        var idle = 0;
        foreach (var holder in world.Holders)
        {
            idle += holder.IsAlive && holder.Pool.HasLease ? holder.Pool.Idle : 0;
        }

        if (Inside + idle > _bound)
        {
            throw world.Broken("P1", $"{Inside} permits' work is inside the backend and {idle} permits are idle and usable, but the bound is {_bound} (limit {_limit}).");
        }
    }

    /// <summary>A new ledger exists; of the highest epoch, unless its activation stood still while another overtook it.</summary>
    public void Begins(Activation newest)
    {
        if (newest != world.Newest)
        {
            PolicyInForce(newest);
            return;
        }

        if (!_granting && _newest is { } former)
        {
            Raise(world.PolicyInTruth(former.Ledger!.Policy));
        }

        _newest = newest;
        _granting = false;
        PolicyInForce(newest);
    }

    /// <summary>A ledger has put a policy in force, or begun with one.</summary>
    public void PolicyInForce(Activation activation)
    {
        if (world.PolicyInTruth(activation.Ledger!.Policy) is not { } policy)
        {
            return;
        }

        if (ReferenceEquals(activation, _newest))
        {
            Array.Clear(_limits);
            _limit = policy.TotalLimit;
            _limits[0] = policy.Destinations.Length == 0 ? _limit : 0;
            foreach (var (name, limit) in policy.Destinations)
            {
                _limits[IndexOf(name)] = limit;
            }

            if (_granting)
            {
                Rebind(activation.Ledger.Describe());
            }
        }
        else if (!_granting)
        {
            Raise(policy);
        }
    }

    /// <summary>A message left a ledger. The first that says that it grants ends the time of its predecessors.</summary>
    public void Sent(Activation activation, LedgerStatus status)
    {
        if (status == LedgerStatus.Granting && !_granting && ReferenceEquals(activation, _newest))
        {
            _granting = true;
            Rebind(activation.Ledger!.Describe());
        }
    }

    /// <summary>Tightens the bounds to what is booked, and holds the ledger's books to them.</summary>
    public void Tighten(Activation activation, BackendDescription books)
    {
        if (!_granting || !ReferenceEquals(activation, _newest))
        {
            return;
        }

        var booked = 0;
        foreach (var destination in books.Destinations)
        {
            booked += destination.Booked;
            if (destination.Booked > _bounds[IndexOf(destination.Destination)] + StaleIn(activation, books, destination.Destination))
            {
                throw world.Broken("P1", $"the ledger has booked {destination.Booked} at '{destination.Destination}', the bound is {_bounds[IndexOf(destination.Destination)]}.");
            }
        }

        if (booked > _bound + StaleIn(activation, books))
        {
            throw world.Broken("P1", $"the ledger has booked {booked}, the bound is {_bound}.");
        }

        CheckFound(activation, books, booked);

        if (IsLowering)
        {
            Rebind(books);
        }
    }

    /// <summary>What was released at a predecessor that could not write it any more is booked on, and used by nobody.</summary>
    private int StaleIn(Activation activation, BackendDescription books, string? destination = null) => books.Leases == 0 ? 0 : world.Leases.Stale(activation.Ledger!, destination);

    /// <summary>A limit that was found is one like any other for who is to be admitted: above it nothing is booked that was not booked before.</summary>
    private void CheckFound(Activation activation, BackendDescription books, int booked)
    {
        var found = Math.Max(books.Adaptive?.Found ?? 0, world.Scenario.HeaviestRequest);
        if (books.Adaptive is not null && ReferenceEquals(activation, _foundBy) && booked > found && booked > _foundBooked)
        {
            throw world.Broken("P1", $"the ledger found a limit of {found} and has booked {booked}, where it had booked {_foundBooked} before.");
        }

        _foundBy = books.Status == LedgerStatus.Granting ? activation : null;
        _foundBooked = booked;
    }

    /// <summary>A predecessor may still grant so much.</summary>
    private void Raise(BackendPolicy? policy)
    {
        if (policy is null)
        {
            return;
        }

        _bound = Math.Max(_bound, policy.TotalLimit);
        _bounds[0] = Math.Max(_bounds[0], policy.Destinations.Length == 0 ? policy.TotalLimit : 0);
        foreach (var (name, limit) in policy.Destinations)
        {
            _bounds[IndexOf(name)] = Math.Max(_bounds[IndexOf(name)], limit);
        }
    }

    private void Rebind(BackendDescription books)
    {
        Span<int> booked = stackalloc int[Destinations];
        var total = 0;
        foreach (var destination in books.Destinations)
        {
            booked[IndexOf(destination.Destination)] = destination.Booked;
            total += destination.Booked;
        }

        _bound = Math.Max(_limit, Math.Min(_bound, total));
        IsLowering = _bound > _limit;
        for (var i = 0; i < Destinations; i++)
        {
            _bounds[i] = Math.Max(_limits[i], Math.Min(_bounds[i], booked[i]));
            IsLowering |= _bounds[i] > _limits[i];
        }
    }
}
