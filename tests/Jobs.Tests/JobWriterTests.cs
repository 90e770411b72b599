using Admission.Jobs.Storage;
using Admission.Jobs.Tests.Support;

namespace Admission.Jobs.Tests;

public class JobWriterTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task What_is_said_of_claims_does_not_wait_behind_jobs_to_store()
    {
        var (first, open, batches) = (new TaskCompletionSource(), new TaskCompletionSource(), new List<JobChange[]>());
        await using (var writer = new JobWriter(CommitAsync))
        {
            await writer.AddAsync(new AcceptChange(Make.Job()), CancellationToken.None);
            await first.Task.WaitAsync(Patience);
            for (var i = 0; i < 2 * JobWriter.MostChanges; i++)
            {
                await writer.AddAsync(new AcceptChange(Make.Job()), CancellationToken.None);
            }

            await writer.AddAsync(new MarkChange(new JobClaim("1", "model", "", 1, 0, [], []), sent: true, Make.Ttl), CancellationToken.None);
            open.SetResult();
        }

        // Disposed, it has committed all.
        batches.Sum(batch => batch.Length).ShouldBe(2 * JobWriter.MostChanges + 2);
        batches[1][0].ShouldBeOfType<MarkChange>();
        batches.ShouldAllBe(batch => batch.Length <= JobWriter.MostChanges);

        async Task CommitAsync(IReadOnlyList<JobChange> changes)
        {
            batches.Add([.. changes]);
            first.TrySetResult();
            await open.Task;
        }
    }
}
