using System.CommandLine;
using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Frontend.Api;

namespace Admission.Cli.JobCommands;

/// <summary><c>admission jobs show</c>: one job with its attempts.</summary>
internal sealed class ShowJobCommand : GatewayCommand
{
    private readonly Argument<string> _job = new("JOB") { Description = "The job's id." };

    public ShowJobCommand(CommandContext context)
        : base("show", "One job with its attempts.", context, new Example("admission jobs show 0002ebc18bf392730480d47f3e0e7eec", "")) => Add(_job);

    protected override Work Read(OptionValues values)
    {
        var job = values.Text(_job) ?? "";
        return session => ShowAsync(session, job);
    }

    private static async Task<int> ShowAsync(Session session, string job)
    {
        var answer = await session.GetAsync($"jobs/{Uri.EscapeDataString(job)}");
        if (session.WantsJson)
        {
            session.Print(answer.Body);
        }
        else
        {
            JobTable.WriteOne(session, answer.As<JobView>());
        }

        return ExitCodes.Done;
    }
}
