using System.Globalization;
using Admission.Capacity;
using Admission.Frontend.Configuration;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Holding;
using Admission.Frontend.Problems;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Classification;

/// <summary>What the requests of one route ask of one backend. Made once for the settings in force; a request allocates only what its sources do.</summary>
/// <remarks>
/// For each property the first that says something wins: a trusted <c>X-Admission-*</c> header (<c>Admission.TrustHeaders</c>), the sources of the route, or, where it
/// names none, of the backend, then the route's metadata, then the default.
/// </remarks>
internal sealed class RouteClassifier
{
    private readonly BackendPolicy _policy;
    private readonly string _routeId;
    private readonly AdmissionRequest _plain;
    private readonly RequestSource[] _tenant;
    private readonly RequestSource[] _priority;
    private readonly RequestSource[] _weight;
    private readonly RequestSource[] _runTimeout;
    private readonly bool _hasSources;
    private readonly CostTable? _costs;
    private readonly int _pathSegments;
    private readonly int _mostEstimated;

    public RouteClassifier(BackendSettings backend, RouteConfig route, CostTable? costs)
    {
        _policy = backend.Policy;
        _routeId = route.RouteId;
        Route = RouteSettings.Of(route);
        _plain = new AdmissionRequest
        {
            Weight = Route.Weight ?? 1,
            Priority = PriorityNames.TryParse(_policy, Route.Priority, out var priority) ? priority : Priorities.Normal,
            Tenant = Route.Tenant,
            MaxWait = Route.MaxWait,
        };
        Hold = Route.Hold.Over(backend.Hold) is { } hold ? hold with { MaxWait = hold.MaxWait ?? Shorter(_policy.MaxWait, Route.MaxWait) } : null;
        RunTimeout = Shorter(_policy.RunTimeout, Route.RunTimeout);
        var rules = backend.Classify;
        _tenant = Route.TenantFrom ?? rules.Tenant;
        _priority = Route.PriorityFrom ?? rules.Priority;
        _weight = Route.WeightFrom ?? rules.Weight;
        _runTimeout = rules.RunTimeout;
        NeedsUser = Array.Exists(_tenant, IsClaim) || Array.Exists(_priority, IsClaim);
        _hasSources = _tenant.Length + _priority.Length + _weight.Length + _runTimeout.Length > 0;
        if (costs is not null && rules.Estimate is { } estimate && _weight.Any(source => source.Kind == SourceKind.Estimate))
        {
            _costs = costs;
            _pathSegments = estimate.PathSegments;
            _mostEstimated = Math.Max(1, Math.Min(estimate.MaxWeight, _policy.LargestGrant));
        }
    }

    /// <summary>What the route says.</summary>
    public RouteSettings Route { get; }

    /// <summary>How its connections are kept alive; null if they are not.</summary>
    public HoldSettings? Hold { get; }

    /// <summary>How long a request may run that does not ask for less itself.</summary>
    public TimeSpan RunTimeout { get; }

    /// <summary>Whether it reads a claim of the caller.</summary>
    public bool NeedsUser { get; }

    /// <summary>Whether <see cref="Measured"/> wants to know what requests cost.</summary>
    public bool Measures => _costs is not null;

    /// <summary>Reads what a request asks, and takes our own headers off, so that the backend sees none.</summary>
    /// <param name="context">The request.</param>
    /// <param name="runTimeout">How long it may run: the policy's <c>RunTimeout</c>, or less.</param>
    /// <param name="problem">The first value that is not understood, or null.</param>
    public AdmissionRequest Take(HttpContext context, out TimeSpan runTimeout, out Problem? problem)
    {
        problem = null;
        runTimeout = RunTimeout;
        var request = _hasSources ? Ask(context, ref runTimeout, ref problem) : _plain;
        return AdmissionHeaders.Take(context.Request.Headers, request, Route.TrustsHeaders, ref problem);
    }

    /// <summary>The claim by which an authenticated caller proves to be of a tenant, such as that of its request; null where it does not, or where tenants do not come from claims.</summary>
    public string? ClaimOf(HttpContext context, string? tenant) => tenant is null ? null
        : Array.Find(_tenant, source => source.Kind == SourceKind.Claim && string.Equals(SourceValue.OfClaim(context.User, source.Name), tenant, StringComparison.Ordinal)) is { Kind: SourceKind.Claim } proof
            ? proof.Name : null;

    /// <summary>A request of the route was in the backend for so long.</summary>
    public void Measured(HttpContext context, TimeSpan time)
    {
        Span<char> buffer = stackalloc char[512];
        _costs?.Add(KindOf(context, buffer), time);
    }

    private AdmissionRequest Ask(HttpContext context, ref TimeSpan runTimeout, ref Problem? problem)
    {
        if (_runTimeout.Length > 0)
        {
            runTimeout = AskRunTimeout(context, runTimeout, ref problem);
        }

        var tenant = _tenant.Length == 0 ? _plain.Tenant : AskTenant(context, ref problem);
        return _plain with
        {
            Tenant = tenant,
            Priority = _priority.Length == 0 ? _plain.Priority : AskPriority(context, ref problem),
            Weight = _weight.Length == 0 ? _plain.Weight : AskWeight(context, tenant, ref problem),
        };
    }

    private string? AskTenant(HttpContext context, ref Problem? problem)
    {
        foreach (var source in _tenant)
        {
            if (source.Kind == SourceKind.Route)
            {
                return Route.Tenant ?? _routeId;
            }

            var value = SourceValue.Of(context, source);
            if (value.Text is { } name)
            {
                if (value.IsRepeated || !TenantName.IsPossible(name))
                {
                    problem ??= ValueProblems.Describe(source, name, TenantName.Accepted);
                }

                return name;
            }
        }

        return _plain.Tenant;
    }

    private int AskPriority(HttpContext context, ref Problem? problem)
    {
        foreach (var source in _priority)
        {
            if (source.Kind == SourceKind.Route)
            {
                if (Route.Priority is not null)
                {
                    return _plain.Priority;
                }

                continue;
            }

            var value = SourceValue.Of(context, source);
            if (value.Text is { } text)
            {
                if (value.IsRepeated || !PriorityNames.TryParse(_policy, text, out var priority))
                {
                    problem ??= ValueProblems.Describe(source, text, PriorityNames.Accepted(_policy));
                    return _plain.Priority;
                }

                return priority;
            }
        }

        return _plain.Priority;
    }

    private int AskWeight(HttpContext context, string? tenant, ref Problem? problem)
    {
        foreach (var source in _weight)
        {
            var weight = source.Kind switch
            {
                SourceKind.Route => Route.Weight,
                SourceKind.Estimate => Estimated(context, tenant),
                _ => Number(context, source, 1, BackendPolicyRules.LargestLimit, "a whole number", ref problem),
            };
            if (weight is { } found)
            {
                return found;
            }
        }

        return _plain.Weight;
    }

    private TimeSpan AskRunTimeout(HttpContext context, TimeSpan runTimeout, ref Problem? problem)
    {
        foreach (var source in _runTimeout)
        {
            if (Number(context, source, 1, AdmissionHeaders.LongestDeadline, "whole milliseconds", ref problem) is { } milliseconds)
            {
                return Shorter(runTimeout, TimeSpan.FromMilliseconds(milliseconds));
            }
        }

        return runTimeout;
    }

    private int? Estimated(HttpContext context, string? tenant)
    {
        Span<char> buffer = stackalloc char[512];
        if (_costs?.Weight(KindOf(context, buffer)) is not { } weight)
        {
            return null;
        }

        // A guess must not ask for more than the tenant may ever have: nothing would run that could correct it.
        return Math.Min(weight, Math.Min(_mostEstimated, _policy.Order?.CapOf(tenant) ?? _mostEstimated));
    }

    private ReadOnlySpan<char> KindOf(HttpContext context, Span<char> buffer)
    {
        var length = CostKind.LengthFor(_routeId);
        return CostKind.Write(length <= buffer.Length ? buffer : new char[length], _routeId, context.Request.Path.Value, _pathSegments);
    }

    private static int? Number(HttpContext context, in RequestSource source, int least, int most, string what, ref Problem? problem)
    {
        var value = SourceValue.Of(context, source);
        if (value.Text is not { } text)
        {
            return null;
        }

        if (value.IsRepeated || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < least || number > most)
        {
            problem ??= ValueProblems.Describe(source, text, $"{what} from {least} to {most}");
            return least;
        }

        return number;
    }

    private static bool IsClaim(RequestSource source) => source.Kind == SourceKind.Claim;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan? other) => other is { } shorter && shorter < one ? shorter : one;
}
