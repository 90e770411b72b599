using Admission.Cli.Gateway;
using Admission.Cli.Help;

namespace Admission.Cli.JobCommands;

/// <summary><c>admission jobs dead</c>: the dead letters.</summary>
internal sealed class DeadJobsCommand : GatewayCommand
{
    private readonly JobFilters _filters;

    public DeadJobsCommand(CommandContext context)
        : base(
            "dead", "Lists dead letters, with what the last attempt came to.", context,
            new Example("admission jobs dead --backend model", "those of one backend"),
            new Example("admission jobs dead --json | jq -r '.jobs[].id' | xargs admission jobs retry", "queues them again"))
    {
        _filters = new JobFilters(context);
        _filters.AddTo(this);
    }

    protected override Work Read(OptionValues values)
    {
        var (query, most) = _filters.Read(values, "dead");
        return session => JobsCommand.ListAsync(session, query, most, JobTable.WriteDead);
    }
}
