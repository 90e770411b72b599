namespace Admission.Simulation;

/// <summary>No tenant has more permits' work inside the backend than its cap, whatever goes wrong: checked whenever some begins, as the limit is.</summary>
internal sealed class TenantCheck(World world)
{
    private readonly Dictionary<string, int> _inside = [];

    public void Enter(string? name, int weight)
    {
        if (name is not { } tenant || world.Scenario.CapOf(tenant) is not { } cap)
        {
            return;
        }

        var inside = _inside[tenant] = _inside.GetValueOrDefault(tenant) + weight;
        if (inside > cap)
        {
            throw world.Broken("Cap", $"'{tenant}' has {inside} permits' work inside the backend and may have {cap}.");
        }
    }

    public void Leave(string? name, int weight)
    {
        if (name is { } tenant && world.Scenario.CapOf(tenant) is not null)
        {
            _inside[tenant] -= weight;
        }
    }
}
