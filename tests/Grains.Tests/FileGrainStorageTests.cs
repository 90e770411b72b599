using Admission.Capacity;
using Admission.Grains.Storage;
using Orleans.Runtime;
using Orleans.Storage;

namespace Admission.Grains.Tests;

public sealed class FileGrainStorageTests : IDisposable
{
    private static readonly GrainId Backend = GrainId.Create("capacity", CapacityGrainKey.Of("orders/eu"));

    private readonly string _path = Directory.CreateTempSubdirectory("admission-test-").FullName;
    private readonly DataFolder _folder;
    private readonly FileGrainStorage _storage;

    public FileGrainStorageTests()
    {
        _folder = DataFolder.Open(_path);
        _storage = new FileGrainStorage(_folder);
    }

    public void Dispose()
    {
        _folder.Dispose();
        Directory.Delete(_path, recursive: true);
    }

    [Fact]
    public async Task Once_disposed_it_writes_nothing_more()
    {
        var state = new GrainState<LedgerState>(new LedgerState { Epoch = 1 });
        await _storage.WriteStateAsync("ledger", Backend, state);
        await _storage.DisposeAsync();
        await _storage.DisposeAsync();

        state.State = new LedgerState { Epoch = 2 };
        await Should.ThrowAsync<ObjectDisposedException>(() => _storage.WriteStateAsync("ledger", Backend, state));
        var found = new GrainState<LedgerState>();
        await new FileGrainStorage(_folder).ReadStateAsync("ledger", Backend, found);
        found.State.Epoch.ShouldBe(1);
    }

    [Fact]
    public async Task Gives_back_what_was_written()
    {
        var written = new GrainState<LedgerState>(new LedgerState
        {
            Epoch = 3,
            Policy = new BackendPolicy { Destinations = [new("d", 2)], Quarantine = TimeSpan.FromSeconds(3) },
            Lives = [new StoredLife("a", 7)],
            Adjustment = new PolicyAdjustment { Limit = 3, Paused = true, Destinations = [new("d", 1, true)], Priorities = [new("normal", 5)] },
            PolicyHistory = [new PolicyChange { Version = 2, At = DateTimeOffset.UnixEpoch, By = "eve", Fields = [new("limit", "2", "3")], More = 1 }],
            Handover = new Handover([new HandedAccount(new StoredLife("a", 7), [new HeldPermits("d", 2, 1)], TimeSpan.FromSeconds(9))], []),
        });
        await _storage.WriteStateAsync("ledger", Backend, written);

        var read = new GrainState<LedgerState>();
        await _storage.ReadStateAsync("ledger", Backend, read);

        read.RecordExists.ShouldBeTrue();
        read.ETag.ShouldBe(written.ETag);
        read.State.Epoch.ShouldBe(3);
        read.State.Policy!.Matches(written.State.Policy).ShouldBeTrue();
        read.State.Lives.ShouldBe(written.State.Lives);
        read.State.Adjustment.ShouldBe(written.State.Adjustment);
        var change = read.State.PolicyHistory!.Single();
        (change.Version, change.At, change.By, change.More).ShouldBe((2L, DateTimeOffset.UnixEpoch, "eve", 1));
        change.Fields.ShouldBe([new FieldChange("limit", "2", "3")]);
        read.State.Handover!.Accounts.Single().Booked.ShouldBe(written.State.Handover!.Accounts.Single().Booked);
    }

    [Fact]
    public async Task Refuses_a_write_on_top_of_one_that_the_writer_has_not_seen()
    {
        var one = new GrainState<LedgerState>(new LedgerState { Epoch = 1 });
        var other = new GrainState<LedgerState>(new LedgerState { Epoch = 2 });
        await _storage.WriteStateAsync("ledger", Backend, one);
        await Should.ThrowAsync<InconsistentStateException>(() => _storage.WriteStateAsync("ledger", Backend, other));
        await _storage.ReadStateAsync("ledger", Backend, other);
        await _storage.WriteStateAsync("ledger", Backend, other);
        await Should.ThrowAsync<InconsistentStateException>(() => _storage.WriteStateAsync("ledger", Backend, one));
    }

    [Fact]
    public async Task A_file_has_the_name_of_its_backend()
    {
        await _storage.WriteStateAsync("ledger", Backend, new GrainState<LedgerState>(new LedgerState { Epoch = 1 }));
        Directory.GetFiles(Path.Combine(_path, "ledger")).ShouldHaveSingleItem().ShouldEndWith("/orders%2Feu.json");
    }

    [Fact]
    public async Task A_draft_that_a_crash_left_behind_does_no_harm()
    {
        var state = new GrainState<LedgerState>(new LedgerState { Epoch = 1 });
        await _storage.WriteStateAsync("ledger", Backend, state);
        var file = Directory.GetFiles(Path.Combine(_path, "ledger")).Single();
        await File.WriteAllTextAsync(file + ".new", "{ half a rec");

        await _storage.ReadStateAsync("ledger", Backend, state);
        state.State.Epoch.ShouldBe(1);
        await _storage.WriteStateAsync("ledger", Backend, state);
    }

    [Fact]
    public async Task A_damaged_record_is_named_with_what_to_do()
    {
        var state = new GrainState<LedgerState>(new LedgerState { Epoch = 1 });
        await _storage.WriteStateAsync("ledger", Backend, state);
        var file = Directory.GetFiles(Path.Combine(_path, "ledger")).Single();
        await File.WriteAllTextAsync(file, "{ half a rec");

        var exception = await Should.ThrowAsync<InvalidDataException>(() => _storage.ReadStateAsync("ledger", Backend, state));
        exception.Message.ShouldContain(file);
        exception.Message.ShouldContain("delete it");
    }

    [Fact]
    public void A_second_process_is_kept_out_of_the_folder()
    {
        var exception = Should.Throw<DataFolderException>(() => DataFolder.Open(_path));
        exception.Message.ShouldContain(_path);
        exception.Message.ShouldContain("--data");
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(_path, "a-file");
        File.WriteAllText(file, "");
        Should.Throw<DataFolderException>(() => DataFolder.Open(Path.Combine(file, "below"))).Message.ShouldContain("a-file");
    }
}
